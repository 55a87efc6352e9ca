/**
 * The job's states, and every way from one to the next. Each function is one conditional UPDATE inside the caller's
 * transaction; money moves in that same transaction, so that no state and no balance can ever disagree.
 *
 *   awaiting ---approved---> queued        ---refused, or nobody answered---> failed        ---withdrawn---> cancelled
 *
 *   queued ----claim----> running ----images received----> delivering ----posted----> delivered <---seen---+
 *     |  ^                 | | |                             ^  |                                            |
 *     |  +---requeue-------+ | +---no images---> failed --+  |  +---nowhere to post---> undeliverable ------+
 *     |                      |                            |  |
 *     +---cancel---> cancelled <---cancel---+             +--+ a late result, free of charge
 *
 * A job is `awaiting` until somebody approves it, as the answer that its approval has; nothing is claimed before that.
 * `running` is left only under the fence of the claim (LeaseLost otherwise): a process that was frozen past its lease
 * cannot undo what another decided. A job goes back to `queued` only when it is certain that no paid call was sent, and
 * a running one is cancelled only while none was: the write-ahead of the call then finds the job gone, and nothing is
 * sent. `failed` is left only by images of a call whose outcome was unknown, once the member has been told and while
 * nothing of the job was ever charged; the member keeps the credits. An `undeliverable` job keeps its hold, as its images
 * lie in the history: it is `delivered`, and charged, as soon as somebody sees them; erased unseen, it gives the hold back.
 */
import { sql, type UpdateObject } from "kysely";
import type { Change, Credits, Request, Tier } from "../request.ts";
import type { Engine, Trx } from "../store/connection.ts";
import type { JobRow, Tables } from "../store/tables.ts";
import { decideApproval } from "./approvals.ts";
import { LeaseLost, underLease } from "./attempts.ts";
import { touchChannelMessages } from "./channel-messages.ts";
import { type Job, jobFrom, requestColumns } from "./job.ts";
import { lastStartOf, lockQueue, passTurns } from "./turns.ts";

/** Somebody approved the job: it takes its place in the queue. False when it waits for approval no more. */
export async function awaitingToQueued(trx: Trx, id: string): Promise<boolean> {
  return leaveAwaiting(trx, id, { state: "queued", turn: lastStartOf(sql.ref("job.member")) });
}

/** Nobody approved the job; the member is told by a delivery. `failure` is the use case's JSON. */
export async function awaitingToFailed(trx: Trx, id: string, failure: string, now: number): Promise<boolean> {
  const left = await leaveAwaiting(trx, id, { state: "failed", failure, finished_at: now });
  if (left) await addDelivery(trx, id, now);
  return left;
}

async function leaveAwaiting(trx: Trx, id: string, change: UpdateObject<Tables, "job">): Promise<boolean> {
  const left = await trx
    .updateTable("job")
    .set(change)
    .where("id", "=", id)
    .where("state", "=", "awaiting")
    .returning("id")
    .executeTakeFirst();
  return left !== undefined;
}

/** Images are in the spool: the job waits to be posted, and will be charged `charged`. */
export async function toDelivering(trx: Trx, job: Job, charged: Credits, now: number): Promise<void> {
  const done = { state: "delivering", charged, finished_at: now } as const;
  await Promise.all([leaveRunning(trx, job, done), addDelivery(trx, job.id, now)]);
}

/** No images; the member is told by a delivery. `failure` is the use case's JSON; `isUnknown`: a service may have been paid. */
export async function toFailed(
  trx: Trx,
  job: Job,
  { failure, isUnknown }: { readonly failure: string; readonly isUnknown: boolean },
  now: number,
): Promise<void> {
  const failed = { state: "failed", failure, finished_at: now, unpaid_at: isUnknown ? now : null } as const;
  await Promise.all([leaveRunning(trx, job, failed), addDelivery(trx, job.id, now)]);
}

/** Images came after the member was told that there are none: they are posted in place of that news, free of charge. */
export async function failedToDelivering(trx: Trx, job: Job, goodwill: Credits, now: number): Promise<void> {
  const free = { charged: 0, goodwill, unpaid_at: now } as const;
  const taken = await trx
    .updateTable("job")
    .set({ ...free, state: "delivering", failure: null, finished_at: now, lease_owner: null, lease_until: null })
    .where("id", "=", job.id)
    .where("state", "=", "failed")
    .where("fence", "=", job.fence)
    .where("erased_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  // `route` and `message` stay: they say what was told before.
  const reported = await trx
    .updateTable("delivery")
    .set((e) => ({
      phase: "pending" as const,
      fence: e("fence", "+", 1),
      lease_owner: null,
      lease_until: null,
      due_at: now,
      tries: 0,
      confirmed_at: null,
    }))
    .where("job", "=", job.id)
    .where("phase", "=", "confirmed")
    .returning("job")
    .executeTakeFirst();
  if (!taken || !reported) throw new LeaseLost(`job ${job.id} is no longer a failed one that waits for its images`);
}

/** Another service takes a job over, for no more than was held. */
export interface Rerouted {
  readonly provider: string;
  readonly request: Request;
  readonly unit: Credits;
  readonly tier: Tier | undefined;
  readonly changes: readonly Change[];
}

/** Puts a job back of which nothing is under way: it may be claimed again from `runAt` on. */
export async function backToQueued(trx: Trx, job: Job, runAt: number, route?: Rerouted): Promise<void> {
  const requeued = { requeues: sql<number>`requeues + 1`, turn: sql<number>`started_at` } as const;
  const again = { state: "queued", run_at: runAt, ...requeued } as const;
  await leaveRunning(trx, job, { ...again, ...(route ? columnsOf(route) : {}) });
}

function columnsOf({ provider, request, unit, tier, changes }: Rerouted): Partial<JobRow> {
  return { provider, unit, ...requestColumns(request), tier: tier ?? null, changes: JSON.stringify(changes) };
}

async function leaveRunning(trx: Trx, job: Job, change: UpdateObject<Tables, "job">): Promise<void> {
  const left = await trx
    .updateTable("job")
    .set({ ...change, lease_owner: null, lease_until: null })
    .where((e) => e.and(underLease(job)))
    .returning("id")
    .executeTakeFirst();
  if (!left) throw new LeaseLost(`job ${job.id} is no longer ours`);
}

async function addDelivery(trx: Trx, job: string, now: number): Promise<void> {
  await trx
    .insertInto("delivery")
    .values({
      job,
      phase: "pending",
      fence: 0,
      lease_owner: null,
      lease_until: null,
      due_at: now,
      tries: 0,
      route: null,
      message: null,
      confirmed_at: null,
    })
    .execute();
}

/** The end of a job with images; false when it had ended before. */
export async function endDelivering(
  trx: Trx,
  id: string,
  state: "delivered" | "undeliverable",
  now: number,
): Promise<boolean> {
  const row = await trx
    .updateTable("job")
    .set({ state, ...(state === "undeliverable" ? { unpaid_at: now } : {}) })
    .where("id", "=", id)
    .where("state", "=", "delivering")
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

interface Queue {
  readonly engine: Engine;
  /** How many of a member's jobs may run at once. */
  readonly ready: number;
}

/**
 * Takes a job out of the queue, from its process, or back from those who would approve it; undefined when it has images
 * already, or a call may have been sent.
 */
export async function cancelUnsent(
  trx: Trx,
  id: string,
  { now, ...queue }: Queue & { readonly now: number },
): Promise<Job | undefined> {
  if ((await lockUnsent(trx, id, queue)) !== "nothing") return undefined;
  await trx
    .updateTable("attempt")
    .set({ phase: "ended", outcome: "not-sent", message: "cancelled before it was sent", ended_at: now })
    .where("job", "=", id)
    .where("phase", "=", "intent")
    .execute();
  const wasAsked = await decideApproval(trx, id, { decision: "withdrawn", now });
  const row = await trx
    .updateTable("job")
    .set({ state: "cancelled", finished_at: now, lease_owner: null, lease_until: null })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await passTurns(trx, sql`select ${row.member} as member`, queue.ready);
  if (wasAsked) await touchChannelMessages(trx, "approval", row.batch ?? id, now);
  return jobFrom(row);
}

/** Takes over a job that has images already, so that no further call is made for it; undefined while one is under way. */
export async function seizeWithImages(
  trx: Trx,
  id: string,
  { owner, leaseUntil, ...queue }: Queue & { readonly owner: string; readonly leaseUntil: number },
): Promise<Job | undefined> {
  if ((await lockUnsent(trx, id, queue)) !== "images") return undefined;
  const row = await trx
    .updateTable("job")
    .set((e) => ({
      state: "running" as const,
      fence: e("fence", "+", 1),
      lease_owner: owner,
      lease_until: leaseUntil,
    }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await passTurns(trx, sql`select ${row.member} as member`, queue.ready);
  return jobFrom(row);
}

/**
 * Locks a job that has not ended, and says what it has; undefined when a call is under way, or its images are there.
 * The look comes after the lock, in a statement of its own: it must see what the write-ahead committed.
 */
async function lockUnsent(trx: Trx, id: string, { engine }: Queue): Promise<"nothing" | "images" | undefined> {
  await lockQueue(trx, engine);
  const locked = await trx
    .updateTable("job")
    .set((e) => ({ fence: e.ref("fence") }))
    .where("id", "=", id)
    .where("state", "in", ["awaiting", "queued", "running"])
    .returning("id")
    .executeTakeFirst();
  if (!locked) return undefined;
  const attempts = await trx.selectFrom("attempt").select(["phase", "outcome"]).where("job", "=", id).execute();
  if (attempts.some(({ phase }) => phase === "sending")) return undefined;
  return attempts.some(({ outcome }) => outcome === "success") ? "images" : "nothing";
}
