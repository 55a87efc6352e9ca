import { afterEach, beforeEach, expect, test } from "vitest";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { approver, openPlaceWithApproval, orderAbove } from "../support/approvals.ts";
import type { TestBot } from "../support/test-bot.ts";

const dayMs = 86_400_000;
let house: TestBot;
beforeEach(async () => {
  house = await openPlaceWithApproval();
});
afterEach(() => house.close());

const shown = () =>
  house.channelPosts.map(({ content, earlier }) =>
    content.kind === "approval" ? [content.approval.decision, content.approval.by, earlier] : [content.kind],
  );
/** Time passes for the worker too. */
const later = () => {
  house.world.advance(1000);
  house.context.wake();
  return shown();
};
const decide = (job: string, approves: boolean) => house.usecases.approvals.decide(job, approves, approver(house));

test("an order is asked about in the channel, and the question becomes its answer", async () => {
  const job = await orderAbove(house);
  await house.work();
  await expect.poll(shown).toEqual([[undefined, undefined, undefined]]);
  expect(house.channelPosts[0]).toMatchObject({
    channel: "approvals",
    locale: "en",
    repeated: false,
    content: { approval: { job: { id: job.id, request: { prompt: "a red bicycle" } }, above: 200 } },
  });
  await decide(job.id, false);
  await expect.poll(shown).toEqual([
    [undefined, undefined, undefined],
    ["refused", "Name of approver-2", "told-1"],
  ]);
  expect(house.channelPosts[1]).toMatchObject({ content: { approval: { job: { request: { prompt: "" } } } } });
});

test("an order that its member takes back is shown so", async () => {
  const job = await orderAbove(house);
  await house.work();
  await expect.poll(shown).toHaveLength(1);
  await house.usecases.cancel(job.id, house.caller());
  await expect.poll(shown).toEqual([
    [undefined, undefined, undefined],
    ["withdrawn", undefined, "told-1"],
  ]);
});

test("while the platform is away the question waits; decided before it was asked, it is asked nobody", async () => {
  house.platform.isAway = true;
  const [late, soon] = [await orderAbove(house), await orderAbove(house, house.caller("member-2"))];
  await decide(soon.id, false);
  await house.work();
  house.platform.isAway = false;
  await expect.poll(later).toHaveLength(1);
  expect(house.channelPosts[0]).toMatchObject({ content: { approval: { job: { id: late.id } } } });
});

test("a channel that is closed for good is noted for admins and logged once", async () => {
  house.channelAnswers.push({ closed: "gone" });
  const job = await orderAbove(house);
  await house.work();
  const admin = house.caller("admin-1", { rights: "admin" });
  await expect.poll(async () => (await house.usecases.approvals.rule(undefined, admin)).closed).toBe("gone");
  expect(house.log.lines.filter(({ message }) => message === "a channel is closed to the bot")).toHaveLength(1);
  await decide(job.id, true);
  expect(await house.end(job)).toMatchObject({ state: "delivered" });
  expect(shown()).toHaveLength(1);
});

test("a process that dies after it posted looks for its message before it posts again", async () => {
  await orderAbove(house);
  const { db } = house.database;
  await db
    .updateTable("channel_message")
    .set({ tries: 1, lease_until: house.world.now() - 1 })
    .execute();
  await house.work();
  await expect.poll(shown).toHaveLength(1);
  expect(house.channelPosts[0]?.repeated).toBe(true);
});

test("once a member deletes their data, the question names them no more and their order is taken back", async () => {
  await orderAbove(house);
  await house.work();
  await expect.poll(shown).toHaveLength(1);
  await house.usecases.deleteData(house.caller());
  await expect
    .poll(() => later() && house.channelPosts.at(-1))
    .toMatchObject({
      content: { approval: { decision: "withdrawn", job: { memberName: "", request: { prompt: "" } } } },
    });
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
});

test("an approver who is forgotten stands in no record of what they decided", async () => {
  const job = await orderAbove(house);
  await decide(job.id, false);
  const caller = approver(house);
  await house.usecases.deleteData(caller);
  house.world.advance(2 * dayMs);
  await sweepOnce(house.context);
  const rows = await house.database.db.selectFrom("approval").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain("approver-2");
  expect(rows[0]).toMatchObject({ decision: "refused", decided_name: "" });
});

test("a tenant that is gone takes its open orders with it", async () => {
  const job = await orderAbove(house);
  await house.usecases.tenantGone("guild");
  expect(await house.usecases.job(job.id, house.caller())).toMatchObject({ state: "cancelled" });
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
});

test("a question that was posted by a process which died is found and shows the answer given meanwhile", async () => {
  const job = await orderAbove(house);
  const { db } = house.database;
  await db
    .updateTable("channel_message")
    .set({ tries: 1, lease_until: house.world.now() + 60_000 })
    .execute();
  await decide(job.id, false);
  await house.work();
  await expect.poll(shown).toEqual([["refused", "Name of approver-2", undefined]]);
  expect(house.channelPosts[0]?.repeated).toBe(true);
});

test("a place that takes the bot in is told once how to begin", async () => {
  const where = { platform: "test", tenant: "new", channel: "lobby", locale: "en" };
  await house.usecases.welcome(where);
  await house.usecases.welcome({ ...where, channel: "another" });
  await house.work();
  await expect.poll(() => house.channelPosts).toMatchObject([{ channel: "lobby", content: { kind: "welcome" } }]);
});
