import { afterEach, beforeEach, expect, test } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { attemptsOf, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { previewsOf } from "../../src/worker/call-context.ts";
import { resumeCall } from "../../src/worker/resume-call.ts";
import { failWith, type Script, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** Going on with a call that was sent by a process that died. */
let house: TestBot;
beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

async function followed(script: Script | undefined): Promise<unknown> {
  const { context, world, database } = house;
  await house.usecases.imagine({ prompt: "x" }, house.caller());
  const lease = { owner: "me", wanted: 1, now: world.now(), leaseUntil: world.now() + 60_000 };
  const [job] = await claimJobs(database, { perMember: 1, perProvider: { service: 1 } }, lease);
  if (!job) throw new Error("nothing claimed");
  const given = { id: "attempt-1", asked: 1, callbackHash: undefined, now: world.now() };
  await database.transaction((trx) => writeAhead(trx, job, given, world.now()));
  const [attempt] = await attemptsOf(database.db, job.id);
  if (!attempt) throw new Error("no attempt");
  if (script) {
    Object.assign(house.provider, { resume: (_: unknown, ...rest: Parameters<Script>) => script(...rest) });
  }
  return Array.fromAsync(resumeCall(context, job, house.provider, attempt, previewsOf(context, "attempt-1"))).catch(
    (e) => e,
  );
}

test("never pays again, even for an adapter that tries to, while the job is ours", async () => {
  expect(String(await followed(succeed()))).toContain("must not be paid for again");
});

test("never ends as not sent: so it would be queued, and paid, once more", async () => {
  const error = await followed(failWith(new ProviderError("service", "not-sent", "out of reach"), "unsent"));
  expect(error).toMatchObject({ outcome: "unknown" });
});

test("is impossible at a service that cannot", async () => {
  expect(await followed(undefined)).toMatchObject({ outcome: "unknown" });
});
