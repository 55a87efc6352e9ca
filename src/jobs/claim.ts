import { sql } from "kysely";
import type { Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import { claimOwn } from "./claim-own.ts";
import type { Claim, ClaimLimits } from "./claim-start.ts";
import { claimTurns } from "./claim-turns.ts";
import { type Job, jobFrom } from "./job.ts";
import { queueLock } from "./turns.ts";

export type { Claim, ClaimLimits } from "./claim-start.ts";

/**
 * Takes queued jobs: fewest running of the member first, then what was not tried before, then the member served longest
 * ago, then the oldest; strictly first in, first out within a member. Never passes a limit.
 */
export async function claimJobs(database: Database, limits: ClaimLimits, claim: Claim): Promise<Job[]> {
  if (claim.wanted <= 0) return [];
  const rows = await database.transaction(async (trx) => {
    const ourTurn = database.engine === "postgres" ? takeTurn(trx) : undefined;
    const claimFor = limits.payer === "tenant" ? claimOwn : claimTurns;
    const [, started] = await Promise.all([ourTurn, claimFor(trx, database.engine, limits, claim)]);
    return started;
  });
  return rows.map(jobFrom).sort((a, b) => (a.id < b.id ? -1 : 1)); // `returning` has no order
}

/**
 * A statement of its own: the claim must see what the previous holder of the lock committed. And it is planned for looking
 * up one row after another by an index: PostgreSQL would guess from statistics of when the queue was empty.
 */
async function takeTurn(trx: Trx): Promise<void> {
  const off = ["enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_sort"].map(
    (plan) => sql`set_config(${sql.lit(plan)}, 'off', true)`,
  );
  await sql`select ${queueLock}, ${sql.join(off)}`.execute(trx);
}
