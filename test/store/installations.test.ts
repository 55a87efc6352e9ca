import { expect, test } from "vitest";
import { createInstallationStore } from "../../src/store/installations.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("installations", (store) => {
  test("are kept by key until they are deleted, the last one that was written", async () => {
    const installations = createInstallationStore(await store.open(), () => 5);
    expect(await installations.get("slack:T1")).toBeUndefined();
    await installations.set("slack:T1", "sealed once");
    await installations.set("slack:T1", "sealed again");
    await installations.set("slack:T2", "another's");
    await installations.set("elsewhere:T3", "not of this platform");
    expect(await installations.get("slack:T1")).toBe("sealed again");
    expect((await installations.list("slack:")).toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: "slack:T1", sealed: "sealed again" },
      { key: "slack:T2", sealed: "another's" },
    ]);
    await installations.delete("slack:T1");
    expect(await installations.get("slack:T1")).toBeUndefined();
    expect(await installations.list("slack:")).toHaveLength(1);
  });
});
