import { expect, test } from "vitest";
import { linkKey } from "../../src/store/link-key.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("the key of links", (store) => {
  test("is that of the process that came first, for all others and after a restart", async () => {
    const place = await store.place();
    const database = await store.open(place);
    const keys = await Promise.all(["one", "two", "three"].map((fresh) => linkKey(database.db, fresh, 1)));
    expect(new Set(keys).size).toBe(1);
    expect(["one", "two", "three"]).toContain(keys[0]);
    expect(await linkKey(database.db, "four", 2)).toBe(keys[0]);
  });
});
