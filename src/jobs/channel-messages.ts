import { sql } from "kysely";
import type { ChannelMessageRow } from "../store/approval-tables.ts";
import type { Db, Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { Claim } from "./claim.ts";

const dayMs = 86_400_000;

/** A message that is to be posted in a channel. */
export interface NewChannelMessage
  extends Pick<ChannelMessageRow, "id" | "platform" | "tenant" | "channel" | "locale" | "kind" | "subject"> {
  readonly facts: object;
  readonly now: number;
}

/** Writes a message down that is to be posted; false when it was written down before. */
export async function addChannelMessage(trx: Trx, { facts, now, ...message }: NewChannelMessage): Promise<boolean> {
  const row = await trx
    .insertInto("channel_message")
    .values({
      ...message,
      ...{ facts: JSON.stringify(facts), created_at: now, wanted: 1, shown: 0, message: null, fence: 0 },
      ...{ lease_until: null, due_at: now, tries: 0, closed: null },
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Has the messages about a subject edited, as it has changed: also one that is on its way just now. */
export async function touchChannelMessages(trx: Trx, kind: string, subject: string, now: number): Promise<void> {
  await trx
    .updateTable("channel_message")
    .set((e) => ({ wanted: e("wanted", "+", 1), due_at: now }))
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .where("closed", "is", null)
    .execute();
}

/** Takes messages that are due, oldest first; those of a dead process once their lease has run out. */
export async function claimChannelMessages(
  database: Database,
  { now, leaseUntil, wanted }: Claim,
  platforms: readonly string[],
): Promise<ChannelMessageRow[]> {
  if (wanted <= 0) return [];
  const names = sql.join(["", ...platforms].map((name) => sql`${name}`)); // a list must not be empty
  const skipLocked = database.engine === "postgres" ? sql`for update skip locked` : sql``;
  const { rows } = await sql<ChannelMessageRow>`
    update channel_message set fence = fence + 1, lease_until = ${leaseUntil}, tries = tries + 1
    where id in (
      select id from channel_message
      where shown < wanted and closed is null and due_at <= ${now} and platform in (${names})
        and (lease_until is null or lease_until < ${now})
      order by due_at limit ${sql.lit(wanted)} ${skipLocked})
    returning *`.execute(database.db);
  return rows.sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1)); // `returning` has no order
}

/** The end of one try. */
export type ChannelMessageEnd =
  | { readonly message: string }
  /** It can never be posted there. */
  | { readonly closed: string }
  /** It is tried again then. */
  | { readonly dueAt: number };

/** Writes down how a try ended; false when another process has the message by now. */
export async function endChannelMessage(
  db: Db | Trx,
  row: ChannelMessageRow,
  end: ChannelMessageEnd,
): Promise<boolean> {
  const change =
    "message" in end
      ? { message: end.message, shown: row.wanted, tries: 0 }
      : "closed" in end
        ? { closed: end.closed }
        : { due_at: end.dueAt };
  const ended = await db
    .updateTable("channel_message")
    .set({ ...change, lease_until: null })
    .where("id", "=", row.id)
    .where("fence", "=", row.fence)
    .returning("id")
    .executeTakeFirst();
  return ended !== undefined;
}

/** Why the newest message in a channel could not be posted, `but` this one; undefined when it could be. */
export async function lastClosed(
  db: Db,
  { tenant, channel, but = "" }: { readonly tenant: string; readonly channel: string; readonly but?: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom("channel_message")
    .select("closed")
    .where("tenant", "=", tenant)
    .where("channel", "=", channel)
    .where("id", "<>", but)
    .where((e) => e.or([e("message", "<>", ""), e("closed", "is not", null)]))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.closed ?? undefined;
}

/** Which of these messages were written down before. */
export async function knownMessages(db: Db | Trx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.selectFrom("channel_message").select("id").where("id", "in", ids).execute();
  return new Set(rows.map(({ id }) => id));
}

/** Opens a channel again: messages that it did not take within the last day are due, older ones are left out. */
export async function reopenChannel(
  db: Db,
  { tenant, channel, now }: { readonly tenant: string; readonly channel: string; readonly now: number },
): Promise<void> {
  const ofChannel = db.updateTable("channel_message").where("tenant", "=", tenant).where("channel", "=", channel);
  const closed = ofChannel.where("closed", "is not", null);
  await closed
    .set((e) => ({ closed: null, shown: e.ref("wanted") }))
    .where("created_at", "<=", now - dayMs)
    .execute();
  await closed.set({ closed: null, due_at: now, tries: 0 }).execute();
}

/** Deletes messages that were made before then, whether they could be posted or not. */
export async function forgetChannelMessages(db: Db | Trx, before: number): Promise<void> {
  await db.deleteFrom("channel_message").where("created_at", "<", before).execute();
}
