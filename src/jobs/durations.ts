import { sql } from "kysely";
import type { Db } from "../store/connection.ts";

/** Measures how long one successful call took. */
export interface Measured {
  readonly tier: string | undefined;
  readonly quality: string;
  readonly ms: number;
}

/** Enough to find some of each kind among them. */
const lookedAt = 200;

/** The last successful calls to a service, newest first. */
export async function measuredOf(db: Db, provider: string): Promise<Measured[]> {
  const { rows } = await sql<{ tier: string | null; quality: string; ms: number }>`
    select j.tier, j.quality, a.ended_at - a.sent_at as ms
    from (
      select job, sent_at, ended_at from attempt
      where provider = ${provider} and outcome = 'success' and sent_at is not null
      order by ended_at desc limit ${sql.lit(lookedAt)}
    ) a join job j on j.id = a.job order by a.ended_at desc`.execute(db);
  return rows.map(({ tier, quality, ms }) => ({ tier: tier ?? undefined, quality, ms }));
}

/** The running and waiting jobs of all services and members. */
export interface Load {
  readonly running: readonly { readonly provider: string; readonly member: string; readonly startedAt: number }[];
  /** Waiting jobs by service. */
  readonly queued: Readonly<Record<string, number>>;
}

export async function loadNow(db: Db): Promise<Load> {
  const running = await db
    .selectFrom("job")
    .select(["provider", "member", "started_at"])
    .where("state", "=", "running")
    .execute();
  const queued = await db
    .selectFrom("job")
    .select(["provider", (e) => e.fn.countAll<number>().as("n")])
    .where("state", "=", "queued")
    .groupBy("provider")
    .execute();
  return {
    running: running.map(({ provider, member, started_at }) => ({ provider, member, startedAt: started_at ?? 0 })),
    queued: Object.fromEntries(queued.map(({ provider, n }) => [provider, Number(n)])),
  };
}
