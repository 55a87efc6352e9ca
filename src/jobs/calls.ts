import { sql } from "kysely";
import type { Db } from "../store/connection.ts";
import type { AttemptRow } from "../store/tables.ts";

/** Counts how a service did. */
export interface CallStats {
  readonly running: number;
  readonly calls: number;
  readonly failures: number;
  readonly unknown: number;
  readonly medianMs: number | undefined;
}

/** Looked at for the median. */
const recentCallCount = 501;

/** The calls to a service that the operator pays, by any of its names, that ended since then, and those that run now. */
export async function callStats(db: Db, names: readonly string[], since: number): Promise<CallStats> {
  const rows = await db
    .selectFrom("attempt")
    .select(["outcome", (e) => e.fn.countAll<number>().as("n")])
    .where("provider", "in", names)
    .where("tenant_key", "is", null)
    .where("ended_at", ">=", since)
    .groupBy("outcome")
    .execute();
  const count = (is: (outcome: string) => boolean) =>
    rows.reduce((sum, { outcome, n }) => sum + (is(outcome ?? "") ? Number(n) : 0), 0);
  return {
    running: await running(db, names),
    calls: count(() => true),
    failures: count((outcome) => outcome !== "success" && outcome !== "moderated"),
    unknown: count((outcome) => outcome === "unknown"),
    medianMs: await median(db, names, since),
  };
}

async function running(db: Db, names: readonly string[]): Promise<number> {
  const row = await db
    .selectFrom("job")
    .select((e) => e.fn.countAll<number>().as("n"))
    .where("state", "=", "running")
    .where("provider", "in", names)
    .where("payer", "=", "operator")
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

async function median(db: Db, names: readonly string[], since: number): Promise<number | undefined> {
  const rows = await db
    .selectFrom("attempt")
    .select(["sent_at", "ended_at"])
    .where("provider", "in", names)
    .where("outcome", "=", "success")
    .where("ended_at", ">=", since)
    .orderBy("ended_at", "desc")
    .limit(recentCallCount)
    .execute();
  const took = rows.map(({ sent_at, ended_at }) => (ended_at ?? 0) - (sent_at ?? ended_at ?? 0)).sort((a, b) => a - b);
  return took[Math.floor(took.length / 2)];
}

/** A call that may have been charged and is not settled. */
export type OpenBill = AttemptRow & { readonly tenant: string };

/**
 * Lists, oldest first, calls without a known outcome and calls that the ledger has as maybe charged: those that the operator
 * pays or, with a tenant, those that it pays by keys of its own.
 */
export async function openBills(db: Db, limit: number, tenant?: string): Promise<OpenBill[]> {
  return unsettled(db, tenant).orderBy("attempt.created_at").orderBy("attempt.id").limit(limit).execute();
}

export async function findOpenBill(db: Db, attempt: string, tenant?: string): Promise<OpenBill | undefined> {
  return unsettled(db, tenant).where("attempt.id", "=", attempt).executeTakeFirst();
}

function unsettled(db: Db, tenant: string | undefined) {
  return db
    .selectFrom("attempt")
    .innerJoin("job", "job.id", "attempt.job")
    .selectAll("attempt")
    .select("job.tenant")
    .$if(tenant === undefined, (query) => query.where("attempt.tenant_key", "is", null))
    .$if(tenant !== undefined, (query) =>
      query.where("attempt.tenant_key", "is not", null).where("job.tenant", "=", tenant ?? ""),
    )
    .where("attempt.settled", "is", null)
    .where("attempt.phase", "=", "ended")
    .where(
      "attempt.id",
      "in",
      sql<string>`(select id from attempt where outcome = 'unknown' and settled is null
        union select substr(idem, 9) from transfer where kind = 'unknown')`,
    );
}
