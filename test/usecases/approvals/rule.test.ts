import { afterEach, beforeEach, expect, test } from "vitest";
import { approver, openPlaceWithApproval, orderAbove } from "../../support/approvals.ts";
import type { TestBot } from "../../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openPlaceWithApproval();
});
afterEach(() => house.close());

const admin = (member = "admin-1") => house.caller(member, { rights: "admin", channel: "lounge" });
const rule = (change?: Parameters<typeof house.usecases.approvals.rule>[0], caller = admin()) =>
  house.usecases.approvals.rule(change, caller);
const refusal = async (asking: Promise<unknown>) =>
  asking.then(
    () => "none",
    ({ code }) => code,
  );
const small = (count: number, caller = house.caller()) =>
  house.usecases.imagine({ prompt: "a cat", quality: "high", count }, caller);
const decide = (job: string, caller = approver(house), approves = true) =>
  house.usecases.approvals.decide(job, approves, caller);

test("what costs no more than the limit is queued at once", async () => {
  expect(await small(1)).toMatchObject({ state: "queued", held: 125 });
});

test("an order that is cut into pieces within an hour needs approval like the whole", async () => {
  expect((await small(1)).state).toBe("queued");
  const second = await small(1);
  expect(second.state).toBe("awaiting");
  expect((await small(1, house.caller("member-2"))).state).toBe("queued");
  await decide(second.id);
  house.world.advance(3_600_000);
  expect((await small(1)).state).toBe("queued");
});

test("two pieces at the same moment are counted together", async () => {
  const jobs = await Promise.all([small(1), small(1), small(1)]);
  expect(jobs.map(({ state }) => state).toSorted()).toEqual(["awaiting", "awaiting", "queued"]);
});

test("what was approved leaves the rest of the hour as it was, and what was taken back does not count", async () => {
  await decide((await orderAbove(house)).id);
  const piece = await small(1);
  expect(piece.state).toBe("queued");
  await house.usecases.cancel(piece.id, house.caller());
  expect((await small(1)).state).toBe("queued");
});

test("once more what was approved needs an approval of its own", async () => {
  const job = await orderAbove(house);
  await decide(job.id);
  const again = await house.usecases.again(job.id, house.caller());
  expect(again).toMatchObject({ state: "awaiting" });
});

test("what the member is asked about is confirmed first, and waits then", async () => {
  const order = { kind: "draft", draft: { prompt: "a dog", count: 5, quality: "high" } } as const;
  const confirmation = await house.usecases.ask(order, house.caller());
  expect(house.channelPosts).toEqual([]);
  expect(await house.usecases.confirm(confirmation?.id ?? "", house.caller())).toMatchObject({ state: "awaiting" });
});

test("only approvers decide: by role, by name, and admins", async () => {
  const job = await orderAbove(house);
  expect(await refusal(decide(job.id, house.caller("nobody")))).toBe("approval-not-yours");
  expect(await refusal(decide(job.id, approver(house, "x", { tenant: "elsewhere" })))).toBe("approval-unknown");
  expect(await refusal(decide(job.id, house.caller("y", { rights: "admin", tenant: "elsewhere" })))).toBe(
    "approval-unknown",
  );
  expect(await refusal(decide("0", house.caller("nobody")))).toBe("approval-unknown");
  expect((await decide(job.id, house.caller("approver-1"))).decision).toBe("approved");
  expect((await decide((await orderAbove(house)).id, admin())).decision).toBe("approved");
});

test("a job that needed no approval cannot be decided", async () => {
  const job = await small(1);
  expect(await refusal(decide(job.id))).toBe("approval-unknown");
  expect(await refusal(decide(job.id, approver(house), false))).toBe("approval-unknown");
});

test("nobody approves their own, but admins where the place permits", async () => {
  const own = await orderAbove(house, approver(house, "member-1"));
  expect(await refusal(decide(own.id, approver(house, "member-1")))).toBe("approval-own");
  const admins = await orderAbove(house, admin());
  expect(await refusal(decide(admins.id, admin()))).toBe("approval-own");
  await rule({ own: true });
  expect((await decide(admins.id, admin())).decision).toBe("approved");
  expect(await refusal(decide(own.id, approver(house, "member-1")))).toBe("approval-own");
  await decide(own.id);
});

test("the order of a member who was blocked meanwhile can only be refused", async () => {
  const job = await orderAbove(house);
  await house.usecases.admin.block("member-1", true, admin());
  expect(await refusal(decide(job.id))).toBe("approval-blocked");
  expect((await decide(job.id, approver(house), false)).decision).toBe("refused");
});

test("the same press twice is answered twice and counts once", async () => {
  const job = await orderAbove(house);
  const caller = approver(house);
  await decide(job.id, caller);
  expect((await decide(job.id, caller)).decision).toBe("approved");
  expect(await refusal(decide(job.id, caller, false))).toBe("approval-decided");
});

test("orders that wait for approval count among those that may wait", async () => {
  await house.close();
  house = await openPlaceWithApproval({ queuedPerMember: 2 });
  await orderAbove(house);
  await orderAbove(house);
  expect(await refusal(orderAbove(house))).toBe("too-many-queued");
});

test("what is open is listed for approvers alone, oldest first, without the prompts of private orders", async () => {
  const first = await orderAbove(house);
  const hidden = await house.usecases.imagine(
    { prompt: "a surprise", count: 2, quality: "high", private: true },
    house.caller("member-2"),
  );
  const open = await house.usecases.approvals.open(approver(house));
  expect(open.map(({ job }) => [job.id, job.request.prompt])).toEqual([
    [first.id, "a red bicycle"],
    [hidden.id, ""],
  ]);
  expect(await refusal(house.usecases.approvals.open(house.caller()))).toBe("approval-not-yours");
});

test("only admins change the rule, and it takes effect at once", async () => {
  expect(await refusal(rule({ above: 1 }, house.caller()))).toBe("admins-only");
  expect(await refusal(rule({ above: -1 }))).toBe("amount-out-of-range");
  expect(await refusal(rule({ add: ["a b"] }))).toBe("setting-unknown");
  expect((await rule({ remove: ["approver-1"] })).rule).toMatchObject({
    above: 200,
    channel: "approvals",
    approvers: ["test/role:approver"],
  });
  expect((await rule({ above: null })).rule).toBeUndefined();
  expect((await orderAbove(house)).state).toBe("queued");
  expect(await refusal(rule({ own: true }))).toBe("approval-needs-limit");
});

test("what waits when the rule ends is still decided, by admins", async () => {
  const job = await orderAbove(house);
  await rule({ above: null });
  expect(await refusal(decide(job.id))).toBe("approval-not-yours");
  expect((await decide(job.id, admin())).decision).toBe("approved");
});

test("a channel is written to when it is named, and one that is closed is refused", async () => {
  await rule({ channel: "room-2" });
  expect(house.channelPosts).toMatchObject([
    { channel: "room-2", content: { kind: "channel-check", purpose: "approvals" } },
  ]);
  house.channelAnswers.push({ closed: "forbidden" });
  expect(await refusal(rule({ channel: "room-3" }))).toBe("channel-closed");
  house.platform.isAway = true;
  expect(await refusal(rule({ channel: "room-3" }))).toBe("channel-closed");
  expect((await rule()).rule?.channel).toBe("room-2");
});
