import { expect, test } from "vitest";
import { createLearntSecrets } from "../../src/app/learnt-secrets.ts";
import { putTenantKey } from "../../src/store/tenant-keys.ts";
import { scriptedProvider } from "../support/services/scripted-provider.ts";
import { onBothStores } from "../support/stores.ts";
import { testKeySeal, testTenantKeys } from "../support/tenant-keys.ts";
import { testWorld } from "../support/world.ts";

onBothStores("keys of tenants", (store) => {
  test("are hidden at each use, however many others were given meanwhile", async () => {
    const database = await store.open();
    const learnt = createLearntSecrets();
    const seal = testKeySeal();
    const create = () => [scriptedProvider("service")];
    const keys = testTenantKeys({ database, world: testWorld(), seal, create, hide: learnt.add });
    const place = { id: "k1", tenant: "guild", service: "service" };
    const sealed = seal.seal("key-of-guild", place);
    await database.transaction((trx) =>
      putTenantKey(trx, { ...place, sealed, added_at: 1, added_by: "discord:1", added_name: "Ada" }),
    );
    for (let use = 0; use < 2; use += 1) {
      await keys.forCall("guild", "service");
      expect(learnt.values).toContain("key-of-guild");
      for (let at = 0; at < 600; at += 1) keys.tryOut("service", `junk ${use} ${at}`);
      expect(learnt.values).not.toContain("key-of-guild");
    }
    await keys.close();
  });
});
