import { sql } from "kysely";
import type { Db, Trx } from "../store/connection.ts";
import { ofEndedSince } from "./referred.ts";

/** Files that a member brought within this time count against the quota of an hour. */
const intakeHourMs = 3_600_000;

/** One file that a member brought; `file` is its key in the spool while its order is not decided. */
export interface Brought {
  readonly id: string;
  readonly member: string;
  readonly at: number;
  readonly bytes: number;
  readonly file?: string | undefined;
}

/** Writes down that a file was brought: before it gets its name in the spool, or after it was refused. */
export async function noteBrought(db: Db, { id, member, at, bytes, file }: Brought): Promise<void> {
  await db
    .insertInto("intake")
    .values({ id, member, at, bytes, file: file ?? null })
    .execute();
}

/** The orders of these files are decided: whatever needs them refers to them now. */
export async function closeBrought(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.updateTable("intake").set({ file: null }).where("id", "in", ids).execute();
}

/** Bytes that a member brought within the last hour, and when the first of them stop to count. */
export async function broughtWithin(
  db: Db,
  member: string,
  now: number,
): Promise<{ readonly bytes: number; readonly renewsAt: number }> {
  const row = await db
    .selectFrom("intake")
    .select((e) => [e.fn.sum<number | null>("bytes").as("bytes"), e.fn.min<number | null>("at").as("first")])
    .where("member", "=", member)
    .where("at", ">", now - intakeHourMs)
    .executeTakeFirstOrThrow();
  return { bytes: Number(row.bytes ?? 0), renewsAt: Number(row.first ?? now) + intakeHourMs };
}

/** Bytes of a member's files that are kept, each file counted once. */
export async function storedOf(
  db: Db,
  member: string,
  { inputsSince }: { readonly inputsSince: number },
): Promise<number> {
  const { rows } = await sql<{ bytes: number | null }>`
    select sum(bytes) as bytes from (
      select i.file, i.bytes from job_input i join job j on j.id = i.job
        where i.member = ${member} and ${ofEndedSince(inputsSince)}
      union select i.file, i.bytes from confirmation_input i join confirmation c on c.id = i.confirmation
        where c.member = ${member}
      union select i.file, i.bytes from visit_input i join visit v on v.id = i.visit where v.member = ${member}
      union select file, bytes from style_input where member = ${member}
      union select file, bytes from named_reference where member = ${member}) kept`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

/** Is there an order under way that brought this file? */
export async function isBeingBrought(db: Db, file: string): Promise<boolean> {
  return (
    (await db.selectFrom("intake").select("id").where("file", "=", file).limit(1).executeTakeFirst()) !== undefined
  );
}

/** Deletes what counts no more. */
export async function forgetBrought(db: Db | Trx, now: number): Promise<void> {
  await db
    .deleteFrom("intake")
    .where("at", "<=", now - intakeHourMs)
    .execute();
}
