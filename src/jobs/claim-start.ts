import { type RawBuilder, sql } from "kysely";
import type { Payer } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { JobRow } from "../store/tables.ts";
import { passTurns } from "./turns.ts";

export interface ClaimLimits {
  /** Jobs of one member that may run at the same time, over all processes. */
  readonly perMember: number;
  /**
   * Calls that each service takes at the same time by one key, the operator's or that of a tenant, over all processes and
   * all of its models. Jobs of a service that is not named here (it left the configuration) are claimed one by one, so that
   * they come to an end and hold up nobody.
   */
  readonly perProvider: Readonly<Record<string, number>>;
  /** Only jobs that were asked for there; undefined means everywhere. */
  readonly platforms?: readonly string[] | undefined;
  /** Jobs accepted before this are claimed all the same: their platform is gone, and somebody must end them. */
  readonly abandonedBefore?: number | undefined;
  /** Only jobs for which this one pays the service: the operator, unless given. */
  readonly payer?: Payer | undefined;
  /** Tenants whose own calls to a service must wait. */
  readonly resting?: readonly { readonly tenant: string; readonly service: string }[] | undefined;
}

export interface Claim {
  readonly now: number;
  readonly owner: string;
  readonly leaseUntil: number;
  /** Jobs that this process can take on now. */
  readonly wanted: number;
}

/** Starts the jobs that `chosen` selects by their ids, and gives their turns to those behind them. */
export async function startChosen(
  trx: Trx,
  { perMember }: ClaimLimits,
  { owner, leaseUntil, now }: Claim,
  chosen: RawBuilder<unknown>,
): Promise<JobRow[]> {
  const started = sql<JobRow>`
    with chosen as materialized (select id, 'queued' as state from (${chosen}) chosen_ids)
    update job set state = 'running', fence = fence + 1, lease_owner = ${owner}, lease_until = ${leaseUntil},
      started_at = ${now}
    from chosen
    where job.id = chosen.id and job.state = chosen.state -- once more: it may be cancelled at this very moment
    returning *`.execute(trx);
  const served = sql`
    select distinct member from job where state = 'running' and lease_owner = ${owner} and started_at = ${now}`;
  const [{ rows }] = await Promise.all([started, passTurns(trx, served, perMember)]);
  return rows;
}

/** A condition on a job `q`. */
export function onlyPlatforms({ platforms, abandonedBefore = 0 }: ClaimLimits): RawBuilder<unknown> {
  if (platforms === undefined) return sql``;
  const names = sql.join(["", ...platforms].map((name) => sql`${name}`)); // a list must not be empty
  return sql`and (q.platform in (${names}) or q.created_at < ${abandonedBefore})`;
}
