import {
  type CreditPolicy,
  createCredits,
  type Held,
  type Limits,
  type MemberCredits,
} from "../../src/credits/credits.ts";
import { bookGoodwill, bookSpend, bookUnknown } from "../../src/credits/spend.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import type { AttemptRow } from "../../src/store/tables.ts";
import { newJob } from "./jobs.ts";
import { type TestWorld, testWorld } from "./world.ts";

/** A job as the books know it. */
export interface BookedJob extends Held {
  readonly member: string;
  readonly tenant: string;
}

/** Jobs that live and end by the rules, told to the store as directly as possible: what an audit must find in order. */
export interface Books {
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

export function openBooks(database: Database, policy: Partial<CreditPolicy> = {}, world = testWorld()): Books {
  const credits = createCredits(database, world, {
    daily: 1000,
    tenantMonthly: undefined,
    globalDaily: undefined,
    ...policy,
  });
  const call = ({ job }: Held) => ({ attempt: `${job}-1`, job, provider: "service", amount: listPrice });
  const change = (trx: Trx, { job }: Held, values: object) =>
    trx.updateTable("job").set(values).where("id", "=", job).execute();
  const endCall = (trx: Trx, { job }: Held, outcome: string) =>
    trx.updateTable("attempt").set({ phase: "ended", outcome, ended_at: world.now() }).where("job", "=", job).execute();
  const confirm = (trx: Trx, { job }: Held, route: string) =>
    trx.updateTable("delivery").set({ phase: "confirmed", route }).where("job", "=", job).execute();
  const addDelivery = (trx: Trx, { job }: Held) =>
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
  return {
    world,
    credits,
    async accept({ id = world.id(), member = "discord:1", tenant = "guild", amount }, limits = {}) {
      await database.transaction(async (trx) => {
        const account = await credits.open(trx, member);
        await credits.allow(trx, account, { tenant, amount }, limits);
        await credits.hold(trx, account, { job: id, amount, at: world.now() });
        await enqueue(trx, newJob(world, { id, member, tenant, held: amount }));
      });
      return { job: id, member, tenant, amount, at: world.now() };
    },
    send: (job) =>
      database.transaction(async (trx) => {
        await change(trx, job, { state: "running", fence: 1, lease_owner: "worker", lease_until: 1, started_at: 1 });
        await trx
          .insertInto("attempt")
          .values({ ...attempt, id: call(job).attempt, job: job.job, sent_at: world.now() })
          .execute();
      }),
    receive: (job, charged) =>
      database.transaction(async (trx) => {
        await endCall(trx, job, "success");
        await bookSpend(trx, world, call(job));
        await change(trx, job, { ...nobody, state: "delivering", charged, finished_at: world.now() });
        await trx
          .insertInto("artifact")
          .values({ ...artifact, job: job.job, attempt: call(job).attempt })
          .execute();
        await addDelivery(trx, job);
      }),
    post: (job, charged) =>
      database.transaction(async (trx) => {
        await confirm(trx, job, "channel");
        await change(trx, job, { state: "delivered" });
        await credits.capture(trx, await credits.open(trx, job.member), job, charged);
      }),
    give: (job) =>
      database.transaction(async (trx) => {
        await confirm(trx, job, "none");
        await change(trx, job, { state: "undeliverable" });
        await credits.release(trx, await credits.open(trx, job.member), job);
        await bookGoodwill(trx, world, { job: job.job, amount: job.amount });
      }),
    fail: (job, outcome) =>
      database.transaction(async (trx) => {
        await endCall(trx, job, outcome);
        if (outcome === "unknown") await bookUnknown(trx, world, call(job));
        await change(trx, job, { ...nobody, state: "failed", finished_at: world.now() });
        await addDelivery(trx, job);
        await credits.release(trx, await credits.open(trx, job.member), job);
      }),
    cancel: (job) =>
      database.transaction(async (trx) => {
        await change(trx, job, { state: "cancelled", finished_at: world.now() });
        await credits.release(trx, await credits.open(trx, job.member), job);
      }),
  };
}

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
