import { expect, test } from "vitest";
import { readSetting, writeSetting } from "../../src/store/settings.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("settings", (store) => {
  test("are read as they were last written, each scope for itself", async () => {
    const { db, transaction } = await store.open();
    expect(await readSetting(db, "operator")).toBeUndefined();
    await transaction((trx) => writeSetting(trx, "operator", { allowances: { "role:1": 500 }, note: "“ä”" }, 1));
    await transaction(async (trx) => {
      await writeSetting(trx, "tenant:guild", { spoiler: true, monthly: undefined }, 2);
      expect(await readSetting(trx, "tenant:guild")).toEqual({ spoiler: true });
    });
    await transaction((trx) => writeSetting(trx, "operator", { paused: null }, 3));
    expect(await readSetting(db, "operator")).toEqual({ paused: null });
    expect(await readSetting(db, "tenant:guild")).toEqual({ spoiler: true });
    expect(await db.selectFrom("setting").select(["id", "changed_at"]).orderBy("id").execute()).toEqual([
      { id: "operator", changed_at: 3 },
      { id: "tenant:guild", changed_at: 2 },
    ]);
  });
});
