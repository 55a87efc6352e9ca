import { expect, test } from "vitest";
import { rowOf } from "../../src/jobs/job.ts";
import type { JobState } from "../../src/store/tables.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

const states: readonly JobState[] = [
  "awaiting",
  "queued",
  "running",
  "delivering",
  "delivered",
  "undeliverable",
  "failed",
  "cancelled",
];

const allowed = new Set([
  "awaiting queued",
  "awaiting failed",
  "awaiting cancelled",
  "queued running",
  "queued cancelled",
  "running queued",
  "running failed",
  "running delivering",
  "running cancelled",
  "delivering delivered",
  "delivering undeliverable",
  "failed delivering",
  "undeliverable delivered",
]);

onBothStores("a job in the store", (store) => {
  test("goes from one state to another only as it may, and may always stay", async () => {
    const { db } = await store.open();
    const world = testWorld();
    const went: string[] = [];
    for (const from of states) {
      for (const to of states) {
        const row = { ...rowOf(newJob(world)), state: from };
        await db.insertInto("job").values(row).execute();
        const change = db.updateTable("job").set({ state: to }).where("id", "=", row.id).execute();
        if (from === to) await change;
        else
          await change
            .then(() => went.push(`${from} ${to}`))
            .catch((e) => expect(String(e)).toContain("does not change"));
      }
    }
    expect(went.sort()).toEqual([...allowed].sort());
  });

  test("never goes back to an older fence", async () => {
    const { db } = await store.open();
    await db
      .insertInto("job")
      .values({ ...rowOf(newJob(testWorld())), fence: 5 })
      .execute();
    const set = (fence: number) => db.updateTable("job").set({ fence }).execute();
    await set(5);
    await set(6);
    await expect(set(5)).rejects.toThrow("does not change in that way");
  });
});
