import { sql } from "kysely";
import type { Outcome, RefusedFor } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { Credits } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import type { AttemptRow } from "../store/tables.ts";
import type { Job } from "./job.ts";

/** The claim was lost: another process owns the job now. What was received is kept; the job is not touched. */
export class LeaseLost extends Error {}

/** A paid call that is being prepared. */
export interface NewAttempt {
  readonly id: string;
  /** Images to ask for. */
  readonly asked: number;
  readonly callbackHash: string | undefined;
  /** By the service's price list, without markup; undefined when the service left the configuration. */
  readonly estimate?: Credits | undefined;
  /** The id of the tenant's key by which it is made; absent: the operator's. */
  readonly tenantKey?: string | undefined;
  readonly now: number;
}

/** Writes down a call that came to nothing before it was sent. Once for each id. Throws LeaseLost. */
export async function noteUnsent(trx: Trx, job: Job, attempt: NewAttempt): Promise<void> {
  await Promise.all([
    requireLease(trx, job),
    trx
      .insertInto("attempt")
      .values(rowOf(job, attempt))
      .onConflict((conflict) => conflict.column("id").doNothing()) // written before, and the word of it was lost
      .execute(),
  ]);
}

/** Writes ahead: this is committed before the first byte of the paid call leaves. Once for each id. Throws LeaseLost. */
export async function writeAhead(trx: Trx, job: Job, attempt: NewAttempt, now: number): Promise<void> {
  const sending = { phase: "sending", sent_at: now } as const;
  await Promise.all([
    requireLease(trx, job),
    trx
      .insertInto("attempt")
      .values({ ...rowOf(job, attempt), ...sending })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(sending).where("attempt.phase", "=", "intent"))
      .execute(),
  ]);
}

function rowOf(job: Job, { id, asked, callbackHash, estimate, tenantKey, now }: NewAttempt) {
  return {
    ...unsent,
    id,
    asked,
    job: job.id,
    n: sql<number>`(select count(*) + 1 from attempt where job = ${job.id})`,
    provider: job.provider,
    callback_hash: callbackHash ?? null,
    estimate: estimate ?? null,
    tenant_key: tenantKey ?? null,
    created_at: now,
  };
}

const unsent = {
  phase: "intent",
  outcome: null,
  reference: null,
  status: null,
  cost: null,
  message: null,
  settled: null,
  settled_at: null,
  settled_by: null,
  sent_at: null,
  ended_at: null,
} as const;

/** Writes down the id under which the service took the call. */
export async function noteReference(db: Db, attempt: string, reference: string): Promise<void> {
  await db.updateTable("attempt").set({ reference }).where("id", "=", attempt).execute();
}

export interface AttemptEnd {
  readonly outcome: Outcome | "success";
  readonly now: number;
  readonly refusedFor?: RefusedFor | undefined;
  readonly reference?: string | undefined;
  readonly status?: number | undefined;
  readonly cost?: Credits | undefined;
  /** For the operator. */
  readonly message?: string | undefined;
}

/** Ends a call, and uses up its callbacks so far: whatever comes later is news. */
export async function endAttempt(trx: Trx, attempt: string, end: AttemptEnd): Promise<AttemptRow> {
  const [ended] = await Promise.all([
    trx
      .updateTable("attempt")
      .set((e) => ({
        phase: "ended" as const,
        outcome: end.outcome,
        reference: end.reference ?? e.ref("reference"),
        status: end.status ?? null,
        cost: end.cost ?? null,
        message: end.message ?? null,
        ended_at: end.now,
      }))
      .where("id", "=", attempt)
      .returningAll()
      .executeTakeFirstOrThrow(),
    trx.deleteFrom("callback").where("attempt", "=", attempt).execute(),
  ]);
  return ended;
}

/** Settles a call whose outcome was unknown: its images came, so it was charged. */
export async function settleAsBilled(trx: Trx, attempt: string, now: number): Promise<void> {
  await trx
    .updateTable("attempt")
    .set({ settled: "billed", settled_at: now, settled_by: "the images came" })
    .where("id", "=", attempt)
    .execute();
}

/** Lists the calls of a job, first to last. */
export async function attemptsOf(db: Db | Trx, job: string): Promise<AttemptRow[]> {
  return db.selectFrom("attempt").selectAll().where("job", "=", job).orderBy("n").execute();
}

export interface Artifact {
  readonly attempt: string;
  readonly image: StoredImage;
}

/** Adds the images of a job, in the order in which members see them. */
export async function addArtifacts(trx: Trx, job: string, artifacts: readonly Artifact[]): Promise<void> {
  const rows = artifacts.map(({ attempt, image }, idx) => {
    const { file, sha256, format, width, height, bytes } = image;
    return { job, idx, attempt, file, sha256, format, width, height, bytes, description: null, spoiler: null };
  });
  await trx.insertInto("artifact").values(rows).execute();
}

export async function artifactsOf(db: Db | Trx, job: string): Promise<StoredImage[]> {
  const rows = await db.selectFrom("artifact").selectAll().where("job", "=", job).orderBy("idx").execute();
  return rows.map(({ file, sha256, format, width, height, bytes }) => {
    return { file, sha256, format: format as StoredImage["format"], width, height, bytes };
  });
}

/** Makes sure that the job stays ours until the transaction ends. Throws LeaseLost when it is not. */
export async function requireLease(trx: Trx, job: Job): Promise<void> {
  const row = await trx
    .updateTable("job")
    .set((e) => ({ fence: e.ref("fence") }))
    .where((e) => e.and(underLease(job)))
    .returning("id")
    .executeTakeFirst();
  if (!row) throw new LeaseLost(`job ${job.id} is no longer ours`);
}

/** The row of a job as long as it is ours. */
export const underLease = ({ id, fence }: Job) => ({ id, fence, state: "running" }) as const;
