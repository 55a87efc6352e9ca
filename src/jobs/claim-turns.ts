import { type RawBuilder, sql } from "kysely";
import { serviceOf } from "../request.ts";
import type { Engine, Trx } from "../store/connection.ts";
import { serviceColumn } from "../store/migrations/0029-turns.ts";
import type { JobRow } from "../store/tables.ts";
import { type Claim, type ClaimLimits, onlyPlatforms, startChosen } from "./claim-start.ts";

/** A service that jobs wait for, and how many more calls it takes now. */
interface Vacancy {
  readonly service: string;
  readonly calls: number;
}

/**
 * Starts jobs that the operator pays. Members who have nothing running come first: nearly always theirs are enough, and
 * the index has them in their order.
 */
export async function claimTurns(trx: Trx, engine: Engine, limits: ClaimLimits, claim: Claim): Promise<JobRow[]> {
  const vacancies = await findVacancies(trx, engine, limits);
  const start = (slot: Slot, vacancies: readonly Vacancy[], wanted: number) =>
    startTurns(
      trx,
      limits,
      { ...claim, wanted },
      { vacancies, turns: turnsOf(engine, slot, limits, { ...claim, wanted }) },
    );
  const first = await start(firstSlot, vacancies, claim.wanted);
  const left = claim.wanted - first.length;
  if (limits.perMember === 1 || left === 0) return first;
  const taken = (service: string) => first.filter(({ provider }) => serviceOf(provider) === service).length;
  const less = vacancies.map(({ service, calls }) => ({ service, calls: calls - taken(service) }));
  return [...first, ...(await start(laterSlot(limits), less, left))];
}

/** SQLite would look through all that wait. */
const byTurn: Readonly<Record<Engine, RawBuilder<unknown>>> = { sqlite: sql`indexed by job_turn`, postgres: sql`` };

/** The services that jobs wait for, one look at the index for each, and the room that they have. */
async function findVacancies(trx: Trx, engine: Engine, { perProvider }: ClaimLimits): Promise<Vacancy[]> {
  const service = sql.raw(serviceColumn[engine]("provider"));
  const next = (after: RawBuilder<unknown>) => sql`
    select (select ${service} from job ${byTurn[engine]} where state = 'queued' and payer = 'operator' and turn is not null ${after}
      order by ${service} limit 1) as service`;
  const { rows } = await sql<{ service: string; running: number }>`
    with recursive waiting as (${next(sql``)}
      union all ${next(sql`and ${service} > waiting.service`)} from waiting where service is not null
    )
    select service, (select count(*) from job
        where state = 'running' and payer = 'operator' and ${service} = waiting.service) as running
      from waiting where service is not null`.execute(trx);
  return rows.map(({ service, running }) => ({ service, calls: (perProvider[service] ?? 1) - Number(running) }));
}

/** Which jobs may run now, as far as their members go: `slot` is how many of the member would run with this one. */
interface Slot {
  readonly slot: RawBuilder<unknown>;
  readonly isFree: RawBuilder<unknown>;
  readonly order: RawBuilder<unknown>;
}

const running = sql`from job busy where busy.state = 'running' and busy.member = q.member`;
const before = sql`from job before where before.state = 'queued' and before.member = q.member and before.id < q.id`;

const firstSlot: Slot = {
  slot: sql`1`,
  isFree: sql`not exists (select 1 ${running}) and not exists (select 1 ${before})`,
  order: sql`(requeues > 0), turn`, // that of the index: SQLite would sort everything for a slot that is always 1
};

function laterSlot({ perMember }: ClaimLimits): Slot {
  const slot = sql`((select count(*) ${running}) + (select count(*) ${before}) + 1)`;
  return { slot, isFree: sql`${slot} <= ${sql.lit(perMember)}`, order: sql`slot, (requeues > 0), turn` };
}

/** The jobs of a service whose turn is next, as many as it has room for. */
type Turns = (vacancy: Vacancy) => RawBuilder<unknown>;

function turnsOf(engine: Engine, { slot, isFree, order }: Slot, limits: ClaimLimits, { now, wanted }: Claim): Turns {
  const service = sql.raw(serviceColumn[engine]("provider"));
  return (vacancy) => sql`
    select * from (
      select id, ${slot} as slot, (requeues > 0) as retried, turn from job q
        where state = 'queued' and payer = 'operator' and turn is not null and ${service} = ${vacancy.service}
          and run_at <= ${now} and ${isFree} ${onlyPlatforms(limits)}
        order by ${order}, id limit ${Math.min(vacancy.calls, wanted)}) turns`;
}

async function startTurns(
  trx: Trx,
  limits: ClaimLimits,
  claim: Claim,
  { vacancies, turns }: { readonly vacancies: readonly Vacancy[]; readonly turns: Turns },
): Promise<JobRow[]> {
  const free = vacancies.filter(({ calls }) => calls > 0);
  if (free.length === 0) return [];
  const next = sql`
    select id from (${sql.join(free.map(turns), sql` union all `)}) next
      order by slot, retried, turn, id limit ${claim.wanted}`;
  return startChosen(trx, limits, claim, next);
}
