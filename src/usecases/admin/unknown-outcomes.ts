import type { Context } from "../../context.ts";
import type { UnknownOutcome } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { settleUnknown } from "../../credits/spend.ts";
import { Refusal } from "../../errors.ts";
import { findOpenBill, type OpenBill, openBills } from "../../jobs/calls.ts";
import { forgetUnpaid } from "../../jobs/unpaid.ts";
import { auditEntryId, audited, wasAudited } from "../../policy/audit-log.ts";
import { isOperator, requireAdmin } from "../../policy/rights.ts";

const maxShown = 200;

/** Calls that may have been charged and that nobody has settled, oldest first: to those who manage a tenant, by its own keys. */
export async function unknown(context: Context, caller: Caller): Promise<readonly UnknownOutcome[]> {
  requireAdmin(context, caller);
  const { db } = context.database;
  const own = (await openBills(db, maxShown, caller.tenant)).map(outcomeOf);
  return isOperator(context, caller) ? [...(await openBills(db, maxShown)).map(outcomeOf), ...own] : own;
}

/** Whoever paid knows from the service's bill what a call was. Throws `attempt-unknown` when it is settled already. */
export async function settle(context: Context, attempt: string, billed: boolean, caller: Caller): Promise<void> {
  requireAdmin(context, caller);
  const entry = { name: "settle", subject: attempt, caller };
  if (await wasAudited(context, auditEntryId(entry))) return;
  const { db } = context.database;
  const operators = isOperator(context, caller) ? await findOpenBill(db, attempt) : undefined;
  const bill = operators ?? (await findOpenBill(db, attempt, caller.tenant));
  if (!bill) throw new Refusal("attempt-unknown", {});
  await audited(context, entry, async (trx) => {
    const now = context.world.now();
    const settled = await trx
      .updateTable("attempt")
      .set({ settled: billed ? "billed" : "not-billed", settled_at: now, settled_by: caller.member })
      .where("id", "=", attempt)
      .where("settled", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!settled) throw new Refusal("attempt-unknown", {});
    const { job, provider, estimate, tenant_key } = bill;
    const payer = tenant_key === null ? "operator" : "tenant";
    await settleUnknown(trx, context.world, { attempt, job, provider, amount: estimate ?? 0, payer, billed });
    if (!billed) await forgetUnpaid(trx, job);
    return { billed, provider, estimate };
  });
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
