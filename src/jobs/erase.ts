import type { ExpressionBuilder } from "kysely";
import type { Change, Request } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import type { JobRow, Tables } from "../store/tables.ts";
import { touchChannelMessages } from "./channel-messages.ts";
import { jobFrom, requestColumns } from "./job.ts";

const finalStates = ["delivered", "undeliverable", "failed", "cancelled"] as const;

/** Which jobs may lose their content. */
export interface Erasable {
  /** Only of this member. */
  readonly member?: string | undefined;
  /** Only what ended before this. */
  readonly endedBefore?: number | undefined;
  /** Only what was made up to this moment. */
  readonly madeUntil?: number | undefined;
  readonly now: number;
  readonly limit: number;
}

/** Ids of jobs that are final and told, and still have their content; oldest first. */
export async function erasableJobs(db: Db | Trx, which: Erasable): Promise<string[]> {
  const { member, endedBefore, madeUntil, now, limit } = which;
  const rows = await db
    .selectFrom("job")
    .select("id")
    .where(isErasable(now))
    .$if(member !== undefined, (query) => query.where("member", "=", member ?? ""))
    .$if(endedBefore !== undefined, (query) => query.where("finished_at", "<", endedBefore ?? 0))
    .$if(madeUntil !== undefined, (query) => query.where("created_at", "<=", madeUntil ?? 0))
    .orderBy(member === undefined && endedBefore !== undefined ? "finished_at" : "id") // as an index has them
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Deletes prompt, files, names and places of a job that is final and told; its states and its money stay. False when it
 * is not final, or was erased before.
 */
export async function eraseJob(trx: Trx, id: string, now: number): Promise<boolean> {
  const row = await trx
    .updateTable("job")
    .set({ erased_at: now, member_name: "", reply_target: "{}" })
    .where("id", "=", id)
    .where(isErasable(now))
    .returningAll()
    .executeTakeFirst();
  if (!row) return false;
  await trx
    .updateTable("job")
    .set({ ...requestColumns(bare(row)), changes: JSON.stringify(nameless(row)) })
    .where("id", "=", id)
    .execute();
  await eraseRecords(trx, id, now);
  return true;
}

/** Final; told, so that nobody needs its place any more; and nobody looks for late images of it just now. */
function isErasable(now: number) {
  return (e: ExpressionBuilder<Tables, "job">) =>
    e.and([
      e("erased_at", "is", null),
      e("state", "in", finalStates),
      e.or([e("lease_until", "is", null), e("lease_until", "<", now)]),
      e.not(
        e.exists(
          e
            .selectFrom("delivery")
            .select("delivery.job")
            .whereRef("delivery.job", "=", "job.id")
            .where("delivery.phase", "<>", "confirmed"),
        ),
      ),
    ]);
}

/** The request without anything that a member said or showed. */
function bare(row: JobRow): Request {
  const { mask: _, style: __, named: ___, plainNames: ____, batch: _____, ...request } = jobFrom(row).request;
  return { ...request, prompt: "", references: [] };
}

/** The changes that were told, without those that repeat words of the prompt. */
function nameless(row: JobRow): readonly Change[] {
  return jobFrom(row).changes.filter(({ code }) => code !== "references-named" && code !== "names-unknown");
}

async function eraseRecords(trx: Trx, job: string, now: number): Promise<void> {
  const calls = trx.selectFrom("attempt").select("id").where("job", "=", job);
  await trx.deleteFrom("callback").where("attempt", "in", calls).execute();
  await trx.updateTable("attempt").set({ message: null, callback_hash: null }).where("job", "=", job).execute();
  await trx.deleteFrom("artifact").where("job", "=", job).execute();
  await trx.deleteFrom("job_input").where("job", "=", job).execute();
  await trx.deleteFrom("posted_message").where("job", "=", job).execute();
  await trx.updateTable("delivery").set({ message: null }).where("job", "=", job).execute();
  await trx.updateTable("approval").set({ decided_by: null, decided_name: null }).where("job", "=", job).execute();
  await touchChannelMessages(trx, "approval", job, now); // the question shows the member's name no more
}

/** Has the member anything that was made up to this moment and is not erased? */
export async function hasContent(db: Db | Trx, member: string, madeUntil: number): Promise<boolean> {
  const row = await db
    .selectFrom("job")
    .select("id")
    .where("member", "=", member)
    .where("erased_at", "is", null)
    .where("created_at", "<=", madeUntil)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
