import fc from "fast-check";
import { expect, test } from "vitest";
import { Refusal } from "../../src/errors.ts";
import { audit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { type BookedJob, openTestLedger, type TestLedger } from "../support/test-ledger.ts";

const steps = [
  "accept",
  "accept",
  "accept",
  "send",
  "send",
  "receive",
  "post",
  "give",
  "fail",
  "cancel",
  "grant",
] as const;

/** One thing that happens; `pick` chooses the member, or the job among those to which it can happen. */
const step = fc.record({
  what: fc.constantFrom(...steps),
  pick: fc.nat(20),
  amount: fc.integer({ min: 0, max: 700 }),
  allowance: fc.constantFrom(undefined, 500, 1500),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Things that happen at the same time, and whether a day passes afterwards. */
const moment = fc.record({ together: fc.array(step, { minLength: 1, maxLength: 5 }), midnight: fc.boolean() });

const dayMs = 86_400_000;

onBothStores("the ledger", (store) => {
  test("are in order after whatever happens to jobs, members and days", { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(fc.array(moment, { minLength: 3, maxLength: 15 }), async (moments) => {
      const database = await store.open();
      const ledger = openTestLedger(database, { tenantMonthly: 4000, globalDaily: 2500 });
      const jobs: Jobs = { queued: [], sent: [], received: [] };
      for (const { together, midnight } of moments) {
        await Promise.all(together.map((one) => perform(database, ledger, jobs, one)));
        if (midnight) ledger.world.advance(dayMs);
      }
      expect(await audit(database.db)).toEqual([]);
      await database.close();
    });
    await fc.assert(property, { numRuns: 15, seed: 20261120 });
  });
});

interface Jobs {
  readonly queued: BookedJob[];
  readonly sent: BookedJob[];
  readonly received: BookedJob[];
}

const chargeOf = (job: BookedJob) => Math.min(job.amount, 250);

async function perform(database: Database, ledger: TestLedger, jobs: Jobs, step: Step): Promise<void> {
  const { what, pick, amount, allowance } = step;
  const member = `discord:${pick % 3}`;
  const take = (from: BookedJob[]) => from.splice(pick % Math.max(1, from.length), 1);
  const move = async (from: BookedJob[], act: (job: BookedJob) => Promise<void>, to: BookedJob[] = []) => {
    for (const job of take(from)) {
      await act(job);
      to.push(job);
    }
  };
  switch (what) {
    case "accept":
      return void (await ledger.accept({ member, amount }, { allowance, memberDaily: 900 }).then(
        (job) => jobs.queued.push(job),
        (error: unknown) => expect(error).toBeInstanceOf(Refusal),
      ));
    case "send":
      return move(jobs.queued, ledger.send, jobs.sent);
    case "receive":
      return move(jobs.sent, (job) => ledger.receive(job, chargeOf(job)), jobs.received);
    case "post":
      return move(jobs.received, (job) => ledger.post(job, chargeOf(job)));
    case "give":
      return move(jobs.received, ledger.give);
    case "fail":
      return move(jobs.sent, (job) => ledger.fail(job, pick % 2 ? "unknown" : "failed"));
    case "cancel":
      return move(jobs.queued, ledger.cancel);
    case "grant": {
      const gift = { member, amount, id: `${pick}` };
      return void (await database.transaction((trx) => ledger.credits.grant(trx, gift)));
    }
  }
}
