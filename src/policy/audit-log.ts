import { createHash } from "node:crypto";
import type { Context } from "../context.ts";
import type { AuditEntry, AuditPlace } from "../contract/admin.ts";
import type { Caller } from "../contract/usecases.ts";
import type { Job } from "../jobs/job.ts";
import type { Trx } from "../store/connection.ts";
import { isOperator, requireAdmin } from "./rights.ts";

const maxEntries = 500;

/** An action that is about to be taken. */
export interface NewAuditEntry {
  readonly name: string;
  /** A member, a role, a tenant, a call: whatever it is done to. */
  readonly subject: string;
  readonly caller: Caller;
}

/** One for each event, name and subject: the same event never does the same thing twice. */
export function auditEntryId({ name, subject, caller }: NewAuditEntry): string {
  return createHash("sha256")
    .update(JSON.stringify([caller.inbound, name, subject]))
    .digest("hex")
    .slice(0, 32);
}

/** Tells whether an entry of that id was written. */
export async function wasAudited({ database: { db } }: Pick<Context, "database">, id: string): Promise<boolean> {
  return (await db.selectFrom("audit_entry").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
}

/** Does something and writes down that it was done, as one; `run` gives the facts. A repetition does nothing. */
export async function audited(
  context: Context,
  entry: NewAuditEntry,
  run: (trx: Trx) => Promise<object>,
): Promise<void> {
  const { name, subject, caller } = entry;
  const done = await context.database.transaction(async (trx) => {
    const id = auditEntryId(entry);
    const row = {
      id,
      at: context.world.now(),
      operator: caller.member,
      name,
      tenant: caller.tenant,
      subject,
      facts: "{}",
    };
    const made = await trx
      .insertInto("audit_entry")
      .values(row)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!made) return undefined;
    const facts = await run(trx);
    await trx
      .updateTable("audit_entry")
      .set({ facts: JSON.stringify(facts) })
      .where("id", "=", id)
      .execute();
    return facts;
  });
  if (done)
    context.log.info(
      { action: name, subject, by: caller.member, tenant: caller.tenant, ...done },
      "written to the audit log",
    );
}

/** Writes down what somebody with rights did to another member's job. */
export async function recordAudit(context: Context, name: string, job: Job, caller: Caller): Promise<void> {
  if (job.member === caller.member) return;
  await audited(context, { name, subject: job.id, caller }, async () => ({ member: job.member }));
}

/** Lists the audit entries of the caller's tenant, or of all for operators; newest first, those before an entry if one is given. */
export async function auditLog(
  context: Context,
  limit: number,
  caller: Caller,
  before?: AuditPlace,
): Promise<readonly AuditEntry[]> {
  requireAdmin(context, caller);
  const { db, reports } = context.database;
  const operator = isOperator(context, caller);
  const rows = await (operator ? db : reports) // no index leads to a tenant's entries
    .selectFrom("audit_entry")
    .selectAll()
    .$if(!operator, (query) => query.where("tenant", "=", caller.tenant))
    .$if(before !== undefined, (query) =>
      query
        .where("at", "<=", before?.at ?? 0) // alone leads into the index
        .where((e) => e.or([e("at", "<", before?.at ?? 0), e("id", "<", before?.id ?? "")])),
    )
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(Math.min(maxEntries, Math.max(1, Math.floor(limit) || 1)))
    .execute();
  return rows.map(({ facts, ...entry }) => ({ ...entry, facts: JSON.parse(facts) as AuditEntry["facts"] }));
}
