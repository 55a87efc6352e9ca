import { expect, it } from "vitest";
import type { JobView } from "../../../src/contract/usecases.ts";
import { createFollowers } from "../../../src/platforms/slack/messages/follow.ts";
import { withOrders } from "../../support/orders.ts";
import { slackUseCases } from "../../support/slack/usecases.ts";
import { testLog, testWorld } from "../../support/world.ts";

const spot = { channel: "C1", ts: "1.0001" };
const place = { team: "T1", user: "U1", private: false };
const caller = {
  platform: "slack",
  tenant: "slack:T1",
  member: "slack:T1:U1",
  name: "ada",
  locale: "en",
  replyTarget: "",
  inbound: "slack:1",
};

/** Turns of the event loop: enough for whatever was due to have happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function followed(show?: (view: JobView) => Promise<void>) {
  const world = testWorld();
  const log = testLog();
  const usecases = slackUseCases();
  const shown: string[] = [];
  const ended: string[] = [];
  const followers = createFollowers({ usecases, world, log, ended: ({ user }) => void ended.push(user) });
  const job = await withOrders(usecases).imagine({ prompt: "a cat" }, caller);
  followers.follow(job.id, place, spot, async (view) => {
    shown.push(`${view.state} ${view.position ?? ""}`.trim());
    await show?.(view);
  });
  await settle();
  return { world, log, usecases, shown, ended, followers, job: job.id };
}

it("shows at most one change in two seconds, and then the newest", async () => {
  const { usecases, shown, world, job } = await followed();
  expect(shown).toEqual(["queued 1"]);
  for (const position of [5, 4, 3]) usecases.push(job, { position });
  await settle();
  world.advance(1999);
  await settle();
  expect(shown).toEqual(["queued 1"]);
  world.advance(1);
  await settle();
  expect(shown).toEqual(["queued 1", "queued 3"]);
});

it("leaves the last word to the delivery", async () => {
  const { usecases, shown, world, job } = await followed();
  usecases.push(job, { state: "running" });
  usecases.push(job, { state: "delivering" });
  await settle();
  world.advance(2000);
  await settle();
  usecases.push(job, { state: "delivered" });
  await settle();
  expect(shown).toEqual(["queued 1"]);
});

it("waits for what is on its way before it is left, and shows nothing afterwards", async () => {
  const onItsWay = Promise.withResolvers<void>();
  const { usecases, shown, world, followers, job } = await followed(() => onItsWay.promise);
  let left = false;
  const leaving = followers.leave(place, spot).then(() => {
    left = true;
  });
  await settle();
  expect(left).toBe(false);
  onItsWay.resolve();
  await leaving;
  usecases.push(job, { state: "running" });
  world.advance(10_000);
  await settle();
  expect(shown).toEqual(["queued 1"]);
});

it("goes on after Slack did not take a change", async () => {
  let failures = 1;
  const { usecases, shown, world, log, job } = await followed(async () => {
    if (failures-- > 0) throw new Error("ratelimited");
  });
  usecases.push(job, { state: "running", position: undefined });
  world.advance(2000);
  await settle();
  expect(shown).toEqual(["queued 1", "running"]);
  expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
});

it("leaves Slack room for last words: at most 25 changes a minute in a workspace", async () => {
  const world = testWorld();
  const usecases = slackUseCases();
  const shown: string[] = [];
  const followers = createFollowers({ usecases, world, log: testLog(), ended: () => undefined });
  for (let job = 0; job < 30; job++) {
    const { id } = await withOrders(usecases).imagine({ prompt: "a cat" }, { ...caller, inbound: `slack:many:${job}` });
    followers.follow(id, place, { channel: "C1", ts: `2.${job}` }, async () => void shown.push(id));
  }
  await settle();
  expect(shown).toHaveLength(25);
  followers.follow("job1", { ...place, team: "T2" }, spot, async () => void shown.push("elsewhere"));
  await settle();
  expect(shown).toHaveLength(26);
  world.advance(60_000);
  await settle();
  expect(new Set(shown).size).toBe(31);
  await followers.stop();
});

it("tells when a job that it follows has come to its end", async () => {
  const { usecases, ended, world, job } = await followed();
  usecases.push(job, { state: "running" });
  await settle();
  expect(ended).toEqual([]);
  usecases.push(job, { state: "cancelled" });
  for (let shown = 0; shown < 3; shown++) {
    world.advance(2000);
    await settle();
  }
  expect(ended).toEqual(["U1"]);
});
