import { expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import {
  deleteReferencesIn,
  deleteReferencesOf,
  deleteReferencesTo,
  keepReference,
  referencesIn,
  referencesOf,
} from "../../src/store/named-references.ts";
import { onBothStores } from "../support/stores.ts";

const image = (file: string) => ({ file, bytes: 5, sha256: "x" });

function keep(
  { transaction }: Database,
  owner: string,
  tenant: string,
  name: string,
  from?: { author: string; job: string },
) {
  const reference = { owner, tenant, foldedName: name.toLowerCase(), name, image: image(`inputs/${name}`), savedAt: 1 };
  return transaction((trx) => keepReference(trx, reference, { member: "ann", from }));
}

onBothStores("saved images", (store) => {
  test("are kept once under each name of an owner in a tenant, and found by them", async () => {
    const database = await store.open();
    const { db } = database;
    await keep(database, "tenant:guild", "guild", "logo");
    await keep(database, "member:ann", "guild", "Fox");
    await keep(database, "member:ann", "guild", "fox");
    await keep(database, "member:ann", "another", "fox");
    await keep(database, "member:ben", "guild", "fox");
    const found = await referencesIn(db, ["member:ann", "tenant:guild"], "guild");
    expect(found.map(({ owner, name }) => [owner, name])).toEqual([
      ["member:ann", "fox"],
      ["tenant:guild", "logo"],
    ]);
    expect(found[0]).toMatchObject({ image: image("inputs/fox"), savedAt: 1 });
    expect((await referencesOf(db, "member:ann")).map(({ tenant }) => tenant)).toEqual(["another", "guild"]);
    await database.close();
  });

  test("go with their owner, with the results that they are of, and with their tenant", async () => {
    const database = await store.open();
    const names = async (owner: string) => (await referencesOf(database.db, owner)).map(({ name }) => name);
    await keep(database, "member:ann", "guild", "fox");
    await keep(database, "member:ben", "guild", "hers", { author: "ann", job: "1" });
    await keep(database, "member:ben", "guild", "other", { author: "cat", job: "2" });
    await keep(database, "member:ben", "guild", "own");
    await keep(database, "member:ben", "another", "own");
    const gone = await database.transaction((trx) => deleteReferencesOf(trx, { owner: "member:ann", author: "ann" }));
    expect(gone.map(({ file }) => file).toSorted()).toEqual(["inputs/fox", "inputs/hers"]);
    await database.transaction((trx) => deleteReferencesTo(trx, "2"));
    expect(await names("member:ben")).toEqual(["own", "own"]);
    await database.transaction((trx) => deleteReferencesIn(trx, "guild"));
    expect(await names("member:ben")).toEqual(["own"]);
    expect(await names("member:ann")).toEqual([]);
    await database.close();
  });
});
