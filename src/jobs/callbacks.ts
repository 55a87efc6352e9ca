import { createHash } from "node:crypto";
import type { Db } from "../store/connection.ts";

/** Makes the hash of a callback's secret: only that is ever stored. */
export function callbackHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** A service may still tell how a call ended that was given up so long ago. */
export const lateForMs = 30 * 86_400_000;
/** The limit of unread callbacks for one call: more are no news. */
const maxUnread = 50;

/**
 * Keeps what somebody posted to the address of a call that is under way, or whose outcome is still unknown; the call's
 * id, or undefined when no call waits there.
 */
export async function keepCallback(
  db: Db,
  callback: { id: string; secret: string; body: string; now: number },
): Promise<string | undefined> {
  const { id, body, now } = callback;
  const call = await db
    .selectFrom("attempt")
    .innerJoin("job", "job.id", "attempt.job")
    .select((e) => [
      "attempt.id",
      e
        .selectFrom("callback")
        .select((c) => c.fn.countAll<number>().as("n"))
        .whereRef("callback.attempt", "=", "attempt.id")
        .as("unread"),
    ])
    .where("callback_hash", "=", callbackHash(callback.secret))
    .where((e) =>
      e.or([
        e("attempt.phase", "=", "sending"),
        e.and([e("attempt.outcome", "=", "unknown"), e("job.state", "=", "failed"), e("job.erased_at", "is", null)]),
      ]),
    )
    .where("attempt.sent_at", ">=", now - lateForMs)
    .executeTakeFirst();
  if (!call) return undefined;
  if (Number(call.unread) < maxUnread) {
    await db.insertInto("callback").values({ id, attempt: call.id, body, at: now }).execute();
  }
  return call.id;
}

/** The first one after `after` (an id, or "" for the very first). */
export async function nextCallback(
  db: Db,
  attempt: string,
  after: string,
): Promise<{ id: string; body: string } | undefined> {
  return db
    .selectFrom("callback")
    .select(["id", "body"])
    .where("attempt", "=", attempt)
    .where("id", ">", after)
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
}

/** Deletes callbacks so old that nobody waits for them any more. */
export async function deleteCallbacks(db: Db, before: number): Promise<void> {
  await db.deleteFrom("callback").where("at", "<", before).execute();
}
