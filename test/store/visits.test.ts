import { expect, test } from "vitest";
import { allInputs, neededInputs } from "../../src/jobs/referred.ts";
import { addVisit, deleteVisits, findVisit, openVisit } from "../../src/store/visits.ts";
import { onBothStores } from "../support/stores.ts";

const visit = { id: "v1", member: "discord:1", tenant: "guild", document: { page: "gallery" }, madeAt: 1000 };

onBothStores("visits", (store) => {
  test("a link is used up by one alone of all who try at the same time", async () => {
    const { db, transaction } = await store.open();
    await transaction((trx) => addVisit(trx, { ...visit, inputs: [] }));
    const opened = await Promise.all(
      Array.from({ length: 10 }, (_, n) => openVisit(db, { id: "v1", openedAt: 2000, sessionHash: `hash ${n}` })),
    );
    const winner = opened.indexOf(true);
    expect(opened.filter(Boolean)).toHaveLength(1);
    expect(await findVisit(db, "v1")).toEqual({
      ...{ id: "v1", document: { page: "gallery" }, madeAt: 1000, openedAt: 2000, sessionHash: `hash ${winner}` },
    });
    expect(await openVisit(db, { id: "nobody", openedAt: 2000, sessionHash: "x" })).toBe(false);
  });

  test("the files of a visit are needed until it is deleted, by its member, its tenant or its age", async () => {
    const { db, transaction } = await store.open();
    const add = (id: string) =>
      transaction((trx) => addVisit(trx, { ...visit, id, inputs: [{ file: "inputs/a", bytes: 10 }] }));
    const needed = () => neededInputs(db, ["inputs/a", "inputs/b"], { inputsSince: 0 });
    for (const which of [{ member: "discord:1" }, { tenant: "guild" }, { madeUntil: 1000 }]) {
      await add("v2");
      expect(await needed()).toEqual(new Set(["inputs/a"]));
      for await (const files of allInputs(db)) expect(files).toEqual(["inputs/a"]);
      await deleteVisits(db, { member: "discord:2" });
      await deleteVisits(db, { madeUntil: 999 });
      expect((await needed()).size).toBe(1);
      await deleteVisits(db, which);
      expect((await needed()).size).toBe(0);
    }
  });
});
