import { expect, test } from "vitest";
import { createSealer } from "../../src/platforms/seal.ts";
import { linkKey } from "../../src/store/link-key.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("the key of links", (store) => {
  test("is that of the process that came first, for all others and after a restart", async () => {
    const place = await store.place();
    const database = await store.open(place);
    const keys = await Promise.all(["one", "two", "three"].map((key) => linkKey(database.db, { key, now: 1 })));
    expect(new Set(keys).size).toBe(1);
    expect(["one", "two", "three"]).toContain(keys[0]);
    expect(await linkKey(database.db, { key: "four", now: 2 })).toBe(keys[0]);
  });

  test("is sealed when there is a secret to seal it under, also one from before, and nobody reads it without", async () => {
    const { db } = await store.open(await store.place());
    const kept = async () => (await db.selectFrom("secret").selectAll().executeTakeFirstOrThrow()).value;
    expect(await linkKey(db, { key: "from before", now: 1 })).toBe("from before");
    expect(await kept()).toBe("from before");
    const seal = createSealer("a secret of the environment");
    expect(await linkKey(db, { key: "another", now: 2 }, seal)).toBe("from before");
    expect(await kept()).toMatch(/^sealed:/);
    expect(await kept()).not.toContain("before");
    expect(await linkKey(db, { key: "another", now: 3 }, seal)).toBe("from before");
    const sentence = /SEAL_SECRET/;
    await expect(linkKey(db, { key: "another", now: 4 })).rejects.toThrow(sentence);
    await expect(linkKey(db, { key: "another", now: 4 }, createSealer("a wrong one"))).rejects.toThrow(sentence);
    await db.deleteFrom("secret").execute();
    await linkKey(db, { key: "anew", now: 5 }, seal);
    expect(await kept()).toMatch(/^sealed:/);
  });
});
