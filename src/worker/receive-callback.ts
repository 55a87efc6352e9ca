import type { Context } from "../context.ts";
import { keepCallback } from "../jobs/callbacks.ts";

/**
 * Takes what somebody posted to the address of a call. Only whoever knows its secret wakes the call up, which then asks the
 * service itself, or has a call looked into that had been given up; the body is no more than a hint. False, for all
 * others alike, when no call waits there.
 */
export async function receiveCallback(context: Context, secret: string, body: string): Promise<boolean> {
  const { database, world, changes } = context;
  const attempt = await keepCallback(database.db, { id: world.id(), secret, body, now: world.now() });
  if (attempt === undefined) return false;
  context.log.info({ attempt }, "callback received");
  changes.announce(attempt);
  context.wake();
  return true;
}
