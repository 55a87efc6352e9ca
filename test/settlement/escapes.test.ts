import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { heldUp, type Script, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/**
 * Every way to get away from a job, at every step of it: whatever a service drew is paid for, held until somebody sees
 * it, or paid by the house and counted against its member.
 */
const price = 125;
const start = 5000;
let house: TestBot;
beforeEach(async () => {
  house = await openRoom({ unpaidPerMember: 1 });
});
afterEach(() => house.close());

const ask = () => house.usecases.imagine({ prompt: "a red bicycle" }, house.caller());

/** A job that stands still at a step until it is let go. */
interface Standing {
  readonly job: JobView;
  letGo(): void;
}

/** Stops where `at` says, in the middle of a call. */
function stopping(at: "before it is sent" | "with an image"): Script & { reached: Promise<void>; release(): void } {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stop = () => {
    reached.resolve();
    return released.promise;
  };
  const script: Script = async function* (request, context) {
    if (at === "before it is sent") await stop();
    for await (const event of succeed()(request, context)) {
      if (event.type === "done" && at === "with an image") await stop();
      yield event;
    }
  };
  return Object.assign(script, { reached: reached.promise, release: () => released.resolve() });
}

async function standingIn(script: Script & { release(): void }, reached: Promise<void>): Promise<Standing> {
  house.provider.scripts.push(script);
  const job = await ask();
  await house.work();
  await reached;
  return { job, letGo: script.release };
}

/** A platform that takes its time to post. */
async function standingAtThePost(): Promise<Standing> {
  const platform = house.context.platform("test");
  if (!platform) throw new Error("no platform");
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const deliver: typeof platform.deliver = async (delivery) => {
    reached.resolve();
    await released.promise;
    return platform.deliver(delivery);
  };
  Object.assign(house.context, { platform: () => ({ ...platform, deliver }) });
  const job = await ask();
  await house.work();
  await reached.promise;
  return { job, letGo: released.resolve };
}

const steps: Record<string, () => Promise<Standing>> = {
  "while it waits": async () => {
    const job = await ask();
    return { job, letGo: () => void house.work() };
  },
  "before its call is sent": () => {
    const call = stopping("before it is sent");
    return standingIn(call, call.reached);
  },
  "once the service draws": () => {
    const call = heldUp();
    return standingIn(call, call.sent);
  },
  "with an image on disk, before the answer ends": () => {
    const call = stopping("with an image");
    return standingIn(call, call.reached);
  },
  "while it is posted": standingAtThePost,
  "after it was posted": async () => {
    const job = await ask();
    await house.work();
    await house.end(job);
    return { job, letGo: () => undefined };
  },
};

const gone = () => void house.answers.push({ route: "none" });

const escapes: Record<string, (job: JobView) => Promise<unknown>> = {
  "its member cancels it": ({ id }) => house.usecases.cancel(id, house.caller()),
  "an admin cancels it": ({ id }) => house.usecases.cancel(id, house.caller("boss", { rights: "admin" })),
  "its member deletes it": ({ id }) => house.usecases.remove(id, house.caller()),
  "its member deletes all data": () => house.usecases.deleteData(house.caller()),
  "its place is closed": async () => gone(),
  "its place is closed, and all data deleted": async () => {
    gone();
    await house.usecases.deleteData(house.caller());
  },
  "the bot is removed from its place": async () => {
    gone();
    await house.usecases.tenantGone("guild");
  },
};

/** Who has paid, or will, for what the service drew. */
async function ledger() {
  const { db } = house.database;
  const transfers = await db.selectFrom("transfer").select(["kind", "amount"]).execute();
  const sum = (kind: string) =>
    transfers.filter((one) => one.kind === kind).reduce((all, { amount }) => all + amount, 0);
  const spending = await db.selectFrom("daily_spending").select("amount").execute();
  const { available, held } = await house.balance();
  return {
    drawn: house.provider.sent.length * price,
    spent: sum("spend"),
    owed: sum("capture") + sum("goodwill") + held,
    budget: spending.reduce((all, { amount }) => all + amount, 0),
    unpaid: sum("capture") === 0 && house.provider.sent.length > 0,
    member: available + held + sum("capture"),
  };
}

describe.each(Object.keys(steps))("%s", (step) => {
  test.each(Object.keys(escapes))("%s: nothing is drawn for nothing", async (way) => {
    const standing = await steps[step]?.();
    if (!standing) throw new Error("no such step");
    await escapes[way]?.(standing.job).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error; // too late for that
    });
    standing.letGo();
    await house.end(standing.job);
    await sweepOnce(house.context);
    const { drawn, unpaid, ...sums } = await ledger();
    expect(sums).toEqual({ spent: drawn, owed: drawn, budget: drawn, member: start });
    const next = ask();
    await (unpaid ? expect(next).rejects.toMatchObject({ code: "too-many-unpaid" }) : next);
    const warned = house.log.lines.some(({ message }) => message === "many unpaid jobs of one member within a day");
    expect(warned).toBe(unpaid);
  });
});

test("a member who is forgotten is not forgiven: the day of what was not paid for comes to its end first", async () => {
  await house.work();
  gone();
  await house.end(await ask());
  await house.usecases.deleteData(house.caller());
  house.world.advance(23 * 3_600_000); // the next UTC day, within 24 hours
  await sweepOnce(house.context);
  await expect(ask()).rejects.toMatchObject({ code: "too-many-unpaid" });
  house.world.advance(3_600_001);
  await sweepOnce(house.context);
  await ask();
});
