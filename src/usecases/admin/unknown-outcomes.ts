import type { Room } from "../../context.ts";
import type { UnknownOutcome } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { settleUnknown } from "../../credits/spend.ts";
import { Refusal } from "../../errors.ts";
import { findOpenBill, type OpenBill, openBills } from "../../jobs/calls.ts";
import { asDeed, deedId } from "../../policy/audit-log.ts";
import { requireOperator } from "../../policy/rights.ts";

const maxShown = 200;

/** Calls that may have been charged and that nobody has settled, oldest first. */
export async function unknown(room: Room, caller: Caller): Promise<readonly UnknownOutcome[]> {
  requireOperator(room, caller);
  return (await openBills(room.database.db, maxShown)).map(outcomeOf);
}

/** The operator knows from the service's bill what a call was. Throws `attempt-unknown` when it is settled already. */
export async function settle(room: Room, attempt: string, billed: boolean, caller: Caller): Promise<void> {
  requireOperator(room, caller);
  const deed = { name: "settle", subject: attempt, caller };
  if (await wasDone(room, deedId(deed))) return;
  const bill = await findOpenBill(room.database.db, attempt);
  if (!bill) throw new Refusal("attempt-unknown", {});
  await asDeed(room, deed, async (trx) => {
    const now = room.world.now();
    const settled = await trx
      .updateTable("attempt")
      .set({ settled: billed ? "billed" : "not-billed", settled_at: now, settled_by: caller.member })
      .where("id", "=", attempt)
      .where("settled", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!settled) throw new Refusal("attempt-unknown", {});
    const { job, provider, estimate } = bill;
    await settleUnknown(trx, room.world, { attempt, job, provider, amount: estimate ?? 0, billed });
    return { billed, provider, estimate };
  });
}

async function wasDone({ database: { db } }: Room, id: string): Promise<boolean> {
  return (await db.selectFrom("deed").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
}

function outcomeOf({ id, job, provider, tenant, sent_at, created_at, estimate, reference, message }: OpenBill) {
  return {
    attempt: id,
    job,
    provider,
    tenant,
    sentAt: sent_at ?? created_at,
    estimate: estimate ?? 0,
    ...(reference === null ? {} : { reference }),
    ...(message === null ? {} : { message }),
  };
}
