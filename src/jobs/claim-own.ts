import { type RawBuilder, sql } from "kysely";
import type { Engine, Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import { serviceColumn } from "../store/migrations/0029-turns.ts";
import type { JobRow } from "../store/tables.ts";
import { type Claim, type ClaimLimits, onlyPlatforms, startChosen } from "./claim-start.ts";

/** SQLite would look through all that wait, whoever pays. */
const byOwn: Readonly<Record<Engine, RawBuilder<unknown>>> = {
  sqlite: sql`indexed by job_own_queued`,
  postgres: sql``,
};

/** Tells whether jobs wait that their tenants pay by keys of their own. */
export async function waitsOwn({ db, engine }: Database): Promise<boolean> {
  const { rows } = await sql`
    select 1 from job ${byOwn[engine]} where state = 'queued' and payer = 'tenant' limit 1`.execute(db);
  return rows.length > 0;
}

/** Starts jobs that tenants pay by keys of their own, in the order of turns: each tenant's service has room of its own. */
export async function claimOwn(trx: Trx, engine: Engine, limits: ClaimLimits, claim: Claim): Promise<JobRow[]> {
  const key = sql.raw(`tenant || ':' || ${serviceColumn[engine]("provider")}`);
  return startChosen(
    trx,
    limits,
    claim,
    sql`
    select id from (
      -- place: how many calls by the key would run with this one
      select turns.*, (select count(*) from job busy where state = 'running' and payer = 'tenant' and ${key} = turns.key)
          + row_number() over (partition by key order by slot, retried, turn, id) as place
      from (
        -- slot: how many jobs of the member would run with this one
        select id, ${key} as key, case when requeues > 0 then 1 else 0 end as retried, turn,
          (select count(*) from job busy where busy.state = 'running' and busy.member = q.member) + 1
            + (select count(*) from job before
              where before.state = 'queued' and before.member = q.member and before.id < q.id) as slot
        from job q ${byOwn[engine]}
        where state = 'queued' and payer = 'tenant' and turn is not null and run_at <= ${claim.now} ${onlyPlatforms(limits)}
      ) turns where slot <= ${sql.lit(limits.perMember)}
    ) placed where place <= ${capacity(limits)} order by slot, retried, turn, id limit ${claim.wanted}`,
  );
}

function capacity({ perProvider, resting = [] }: ClaimLimits): RawBuilder<number> {
  const cases = [
    ...resting.map(({ tenant, service }) => sql`when key = ${`${tenant}:${service}`} then 0`),
    ...Object.entries(perProvider).map(
      ([service, limit]) => sql`when key like ${`%:${service}`} then ${sql.lit(limit)}`,
    ),
  ];
  return cases.length === 0 ? sql`1` : sql`case ${sql.join(cases, sql` `)} else 1 end`;
}
