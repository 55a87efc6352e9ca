import {
  type CreditPolicy,
  createCredits,
  type Hold,
  type Limits,
  type MemberCredits,
} from "../../src/credits/credits.ts";
import { bookSpend, bookUnknown } from "../../src/credits/spend.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import type { AttemptRow } from "../../src/store/tables.ts";
import type { World } from "../../src/world.ts";
import { newJob } from "./jobs.ts";
import { type TestWorld, testWorld } from "./world.ts";

/** A job as the ledger knows it. */
export interface BookedJob extends Hold {
  readonly member: string;
  readonly tenant: string;
}

/** Jobs that live and end by the rules, told to the store as directly as possible: what an audit must find in order. */
export interface TestLedger {
  readonly world: TestWorld;
  readonly credits: MemberCredits;
  /** Throws Refusal. */
  accept(given: { id?: string; member?: string; tenant?: string; amount: number }, limits?: Limits): Promise<BookedJob>;
  /** Running, with a call under way that costs 80 by the price list. */
  send(job: BookedJob): Promise<void>;
  /** The call brought an image, for which `charged` is asked. */
  receive(job: BookedJob, charged: number): Promise<void>;
  post(job: BookedJob, charged: number): Promise<void>;
  /** There was nowhere to post it. */
  give(job: BookedJob): Promise<void>;
  fail(job: BookedJob, outcome: "failed" | "unknown"): Promise<void>;
  cancel(job: BookedJob): Promise<void>;
}

const listPrice = 80;

export function openTestLedger(
  database: Database,
  policy: Partial<CreditPolicy> = {},
  world = testWorld(),
): TestLedger {
  const limits = { daily: 1000, tenantMonthly: undefined, globalDaily: undefined, ...policy };
  const credits = createCredits(database, world, limits);
  const step =
    (run: (trx: Trx, job: BookedJob) => Promise<unknown>) =>
    async (job: BookedJob): Promise<void> => {
      await database.transaction((trx) => run(trx, job));
    };
  const release = async (trx: Trx, job: BookedJob) => credits.release(trx, await credits.open(trx, job.member), job);
  return {
    world,
    credits,
    accept: (given, allowed = {}) => accept({ database, credits, world }, given, allowed),
    send: step((trx, job) => send(trx, job, world.now())),
    receive: (job, charged) => step((trx) => receive(trx, job, charged, world))(job),
    post: (job, charged) =>
      step(async (trx) => {
        await confirm(trx, job, "channel");
        await change(trx, job, { state: "delivered" });
        await credits.capture(trx, await credits.open(trx, job.member), job, charged);
      })(job),
    give: step(async (trx, job) => {
      await confirm(trx, job, "none");
      await change(trx, job, { state: "undeliverable", unpaid_at: world.now() });
    }),
    fail: (job, outcome) =>
      step(async (trx) => {
        await endCall(trx, job, outcome, world.now());
        if (outcome === "unknown") await bookUnknown(trx, world, call(job));
        await change(trx, job, { ...nobody, state: "failed", finished_at: world.now() });
        await addDelivery(trx, job);
        await release(trx, job);
      })(job),
    cancel: step(async (trx, job) => {
      await change(trx, job, { state: "cancelled", finished_at: world.now() });
      await release(trx, job);
    }),
  };
}

async function accept(
  { database, credits, world }: { database: Database; credits: MemberCredits; world: World },
  { id = world.id(), member = "discord:1", tenant = "guild", amount }: Parameters<TestLedger["accept"]>[0],
  limits: Limits,
): Promise<BookedJob> {
  await database.transaction(async (trx) => {
    const account = await credits.open(trx, member);
    await credits.allow(trx, account, { tenant, amount }, limits);
    await credits.hold(trx, account, { job: id, amount, at: world.now() });
    await enqueue(trx, newJob(world, { id, member, tenant, held: amount }));
  });
  return { job: id, member, tenant, amount, at: world.now() };
}

async function send(trx: Trx, job: BookedJob, now: number): Promise<void> {
  await change(trx, job, { state: "running", fence: 1, lease_owner: "worker", lease_until: 1, started_at: 1 });
  await trx
    .insertInto("attempt")
    .values({ ...attempt, id: call(job).attempt, job: job.job, sent_at: now })
    .execute();
}

async function receive(trx: Trx, job: BookedJob, charged: number, world: World): Promise<void> {
  await endCall(trx, job, "success", world.now());
  await bookSpend(trx, world, call(job));
  await change(trx, job, { ...nobody, state: "delivering", charged, finished_at: world.now() });
  await trx
    .insertInto("artifact")
    .values({ ...artifact, job: job.job, attempt: call(job).attempt })
    .execute();
  await addDelivery(trx, job);
}

const call = ({ job }: BookedJob) => ({ attempt: `${job}-1`, job, provider: "service", amount: listPrice });
const change = (trx: Trx, { job }: BookedJob, values: object) =>
  trx.updateTable("job").set(values).where("id", "=", job).execute();
const endCall = (trx: Trx, { job }: BookedJob, outcome: string, now: number) =>
  trx.updateTable("attempt").set({ phase: "ended", outcome, ended_at: now }).where("job", "=", job).execute();
const confirm = (trx: Trx, { job }: BookedJob, route: string) =>
  trx.updateTable("delivery").set({ phase: "confirmed", route }).where("job", "=", job).execute();
const addDelivery = (trx: Trx, { job }: BookedJob) =>
  trx
    .insertInto("delivery")
    .values({
      ...nobody,
      job,
      phase: "pending",
      fence: 0,
      due_at: 0,
      tries: 0,
      route: null,
      message: null,
      confirmed_at: null,
    })
    .execute();

const nobody = { lease_owner: null, lease_until: null };

const attempt: Omit<AttemptRow, "id" | "job"> = {
  n: 1,
  provider: "service",
  asked: 1,
  phase: "sending",
  outcome: null,
  reference: null,
  status: null,
  cost: null,
  callback_hash: null,
  tenant_key: null,
  message: null,
  estimate: listPrice,
  settled: null,
  settled_at: null,
  settled_by: null,
  created_at: 0,
  sent_at: null,
  ended_at: null,
};

const artifact = { idx: 0, file: "results/1", sha256: "1", format: "png", width: 1, height: 1, bytes: 1 };
