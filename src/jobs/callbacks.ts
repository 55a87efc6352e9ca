import { createHash } from "node:crypto";
import type { Db } from "../store/database.ts";

/** Only this of a callback's secret is ever stored. */
export function callbackHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Keeps what somebody posted to the address of a call; the call's id, or undefined when no call waits there. */
export async function keepCallback(
  db: Db,
  callback: { id: string; secret: string; body: string; now: number },
): Promise<string | undefined> {
  const call = await db
    .selectFrom("attempt")
    .select("id")
    .where("callback_hash", "=", callbackHash(callback.secret))
    .where("phase", "=", "sending")
    .executeTakeFirst();
  if (!call) return undefined;
  const { id, body, now } = callback;
  await db.insertInto("callback").values({ id, attempt: call.id, body, at: now }).execute();
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
