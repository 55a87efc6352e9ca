import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Draft, JobView } from "../../src/contract/usecases.ts";
import { type Outcome, ProviderError, type RefusedFor } from "../../src/errors.ts";
import { attemptsOf } from "../../src/jobs/attempts.ts";
import type { CallContext, ProviderEvent } from "../../src/providers/provider.ts";
import type { Request } from "../../src/request.ts";
import { audit } from "../../src/store/audit.ts";
import { failWith, type Script, succeed, unknownOutcome } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** The costs of services are booked in the ledger. TokenHub's prices: 125 at 1K, 500 at 4K. */
let house: TestBot;
beforeEach(async () => {
  house = await openRoom({ maxCount: 4 });
  await house.work();
});
afterEach(() => house.close());

async function run(script: Script, draft: Partial<Draft> = {}): Promise<JobView> {
  house.provider.scripts.push(script);
  return house.end(await house.usecases.imagine({ prompt: "x", ...draft }, house.caller()));
}

/** Kind and amount of what was booked for services. */
async function booked(): Promise<[string, number][]> {
  const rows = await house.database.db
    .selectFrom("transfer")
    .select(["kind", "amount"])
    .where("kind", "in", ["spend", "unknown", "billed", "not-billed", "goodwill"])
    .orderBy("id")
    .execute();
  return rows.map(({ kind, amount }) => [kind, amount]);
}

const costing = (cost: number): Script =>
  async function* (request: Request, context: CallContext): AsyncGenerator<ProviderEvent> {
    for await (const event of succeed()(request, context)) yield event.type === "done" ? { ...event, cost } : event;
  };
const partly = (error: Error): Script =>
  async function* (request, context) {
    for await (const event of succeed({ count: 1 })(request, context)) if (event.type === "image") yield event;
    throw error;
  };
const withJunk: Script = async function* (request, context) {
  for await (const event of succeed({ count: 1 })(request, context)) if (event.type === "image") yield event;
  const sink = await context.openImage(1);
  await sink.write(Buffer.from("not an image"));
  await sink.commit();
  yield { type: "done" };
};
const error = (outcome: Outcome, refusedFor?: RefusedFor) =>
  new ProviderError("service", outcome, "as scripted", { refusedFor });

test("a call is estimated by the price list before it is sent, for all of its images", async () => {
  const done = await run(succeed(), { count: 6 });
  expect((await attemptsOf(house.database.db, done.id)).map(({ estimate }) => estimate)).toEqual([500, 250]);
});

describe("is booked as spent", () => {
  test.each<[string, Script, Partial<Draft>, number]>([
    ["what the service told", costing(40), {}, 40],
    [
      "else the price of what arrived, by its measured pixels",
      succeed({ size: { width: 1024, height: 1024 } }),
      { size: "3840x2160" },
      125,
    ],
    ["else only what arrived", succeed({ count: 2 }), { count: 3 }, 250],
    ["what arrived unreadable too, at the price asked", withJunk, { count: 2 }, 250],
    ["the estimate, of an answer that cannot be read", failWith(error("damaged")), { count: 2 }, 250],
    ["the estimate, of an answer that can be read in part", partly(error("damaged")), { count: 2 }, 250],
  ])("%s", async (_what, script, draft, amount) => {
    await run(script, draft);
    expect((await booked()).filter(([kind]) => kind !== "goodwill")).toEqual([["spend", amount]]);
    expect(await audit(house.database.db)).toEqual([]);
  });
});

test("an unknown outcome is booked as such, with the estimate, and the member pays nothing", async () => {
  const done = await run(failWith(unknownOutcome()), { count: 2 });
  expect(done.state).toBe("failed");
  expect(await booked()).toEqual([["unknown", 250]]);
  expect(house.unknowns).toEqual([{ provider: "service", estimate: 250, remarkable: false }]);
  expect(await audit(house.database.db)).toEqual([]);
});

test("an unknown outcome of which an image came is known to be billed", async () => {
  expect(await run(partly(unknownOutcome()), { count: 2 })).toMatchObject({ state: "delivered", charged: 125 });
  expect(await booked()).toEqual([
    ["unknown", 250],
    ["billed", 250],
  ]);
  expect(await audit(house.database.db)).toEqual([]);
});

test.each([
  ["not sent", error("not-sent")],
  ["refused", error("refused", "request")],
  ["refused for money", error("refused", "money")],
  ["moderated", error("moderated")],
  ["failed", error("failed")],
])("nothing is booked for a call that was %s", async (_what, failure) => {
  for (let tries = 0; tries < 2; tries++) house.provider.scripts.push(failWith(failure));
  const asked = await house.usecases.imagine({ prompt: "x" }, house.caller());
  while ((await house.usecases.job(asked.id, house.caller())).state !== "failed") {
    house.provider.scripts.push(failWith(failure));
    house.world.advance(5000);
    await new Promise(setImmediate);
  }
  expect(await booked()).toEqual([]);
});

test.each<[string, ProviderError, [string, number][]]>([
  ["failed", error("failed"), [["unknown", 125]]],
  ["moderated", error("moderated"), [["unknown", 125]]],
  ["refused for what was asked", error("refused", "request"), [["unknown", 125]]],
  ["refused for its key, which it did not take on", error("refused", "key"), []],
])(
  "a service that does not say that failures are free, and %s, counts as spent until the operator knows",
  async (_what, failure, expected) => {
    Object.assign(house.provider, { failuresMayCost: true });
    await run(failWith(failure));
    expect(await booked()).toEqual(expected);
  },
);

test("what cannot be posted anywhere stays held for, and is the house's own cost when it is deleted unseen", async () => {
  house.answers.push({ route: "none" });
  const job = await run(succeed(), { count: 2 });
  expect([job.state, await booked()]).toEqual(["undeliverable", [["spend", 250]]]);
  expect(await house.balance()).toEqual({ available: 5000 - 250, held: 250 });
  await house.usecases.remove(job.id, house.caller());
  expect(await booked()).toEqual([
    ["spend", 250],
    ["goodwill", 250],
  ]);
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  expect(await audit(house.database.db)).toEqual([]);
});

test("more than five unknown outcomes of one member within a day are told to the operator, and refuse nothing", async () => {
  for (let i = 0; i < 6; i++) {
    house.context.breakers.ended("service", undefined);
    expect((await run(failWith(unknownOutcome()))).state).toBe("failed");
  }
  expect(house.unknowns.map(({ remarkable }) => remarkable)).toEqual([false, false, false, false, false, true]);
  expect(house.log.lines.filter(({ message }) => message.startsWith("many unknown"))).toHaveLength(1);
  house.context.breakers.ended("service", undefined);
  expect((await run(succeed())).state).toBe("delivered");
});
