import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { failWith, unknownOutcome } from "../support/services/scripted-provider.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

const noFiles = { references: 0, masked: false };
const dayMs = 86_400_000;

onBothStores("images that could not be posted", (store) => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom({ database: await store.open(), unpaidPerMember: 3 });
    await house.work();
  });
  afterEach(() => house.close());

  /** The member takes the channel away while the image is drawn. */
  async function unseen(): Promise<JobView> {
    house.answers.push({ route: "none" });
    return house.end(await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller()));
  }
  const stateOf = async ({ id }: JobView) => (await house.usecases.job(id, house.caller())).state;

  test.each<[string, (job: JobView) => Promise<unknown>]>([
    ["listed in the history", () => house.usecases.history(house.caller(), { limit: 5 })],
    ["fetched as a file", ({ id }) => house.usecases.imageFile({ job: id, index: 0 }, house.caller())],
    [
      "priced for an edit",
      ({ id }) => house.usecases.quote({ prompt: "blue" }, house.caller(), { ...noFiles, of: { job: id } }),
    ],
    ["exported", () => house.usecases.exportData(house.caller())],
  ])("are charged once they are %s, and once only", async (_how, see) => {
    const job = await unseen();
    expect(await house.balance()).toEqual({ available: 4875, held: 125 });
    await see(job);
    await see(job);
    expect([await stateOf(job), await house.balance()]).toEqual(["delivered", { available: 4875, held: 0 }]);
    await house.usecases.remove(job.id, house.caller());
    expect(await house.balance()).toEqual({ available: 4875, held: 0 });
  });

  test("are not shown, nor charged, by a look at the job", async () => {
    const job = await unseen();
    expect(await house.usecases.job(job.id, house.caller())).toMatchObject({ state: "undeliverable", images: [] });
    expect(await house.usecases.jobsAt(() => true, house.caller())).toMatchObject([{ id: job.id, images: [] }]);
    expect((await house.balance()).held).toBe(125);
  });

  test("are given back when they are deleted unseen, by the member or by age, and the house pays", async () => {
    const first = await unseen();
    await house.usecases.remove(first.id, house.caller());
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
    await unseen();
    await house.usecases.deleteData(house.caller());
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
    const rows = await house.database.db.selectFrom("transfer").selectAll().where("kind", "=", "goodwill").execute();
    expect(rows.map(({ amount }) => amount)).toEqual([125, 125]);
  });

  test("are looked at and deleted at the same moment, and paid for or given back, never both", async () => {
    const job = await unseen();
    const look = house.usecases.history(house.caller(), { limit: 5 });
    await Promise.allSettled([look, house.usecases.remove(job.id, house.caller())]);
    const { held, available } = await house.balance();
    expect([held, [4875, 5000].includes(available)]).toEqual([0, true]);
  });

  test("count in every budget, also after they were deleted unseen", async () => {
    const job = await unseen();
    await house.usecases.remove(job.id, house.caller());
    const rows = await house.database.db.selectFrom("daily_spending").selectAll().execute();
    expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(125);
  });

  test("are refused after a few within a day, until the member looks at one or the day is over", async () => {
    const ask = () => house.usecases.imagine({ prompt: "x" }, house.caller());
    await unseen();
    await unseen();
    house.provider.scripts.push(failWith(unknownOutcome()));
    expect((await house.end(await ask())).state).toBe("failed");
    await expect(ask()).rejects.toMatchObject({ code: "too-many-unpaid", facts: { limit: 3 } });
    expect(house.log.lines.filter(({ message }) => message.includes("unpaid jobs")).length).toBeGreaterThan(0);
    house.context.breakers.ended("service", undefined);
    expect((await house.end(await house.usecases.imagine({ prompt: "x" }, house.caller("other")))).state).toBe(
      "delivered",
    );
    await house.usecases.history(house.caller(), { limit: 5 });
    expect((await house.end(await ask())).state).toBe("delivered");
    await unseen();
    await unseen();
    await expect(ask()).rejects.toMatchObject({ code: "too-many-unpaid" });
    house.world.advance(dayMs + 1);
    expect((await house.end(await ask())).state).toBe("delivered");
  });
});
