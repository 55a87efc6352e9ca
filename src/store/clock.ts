import { performance } from "node:perf_hooks";
import { sql } from "kysely";
import type { Db } from "./connection.ts";

const everyMs = 15_000;

/**
 * The time of the PostgreSQL server, milliseconds since 1970: processes that share a database must agree about whose lease
 * has run out, whatever their own machines' clocks say or jump to. Kept by this process's steady clock in between.
 */
export async function serverClock(db: Db): Promise<() => number> {
  let ahead = await measure(db);
  const timer = setInterval(() => {
    measure(db).then(
      (measured) => {
        ahead = measured;
      },
      () => undefined, // the database is away; the steady clock goes on
    );
  }, everyMs);
  timer.unref();
  return () => Math.round(performance.now() + ahead);
}

/** How far the server's clock is ahead of the steady one of this process. */
async function measure(db: Db): Promise<number> {
  const before = performance.now();
  const { rows } = await sql<{ ms: string }>`
    select cast(extract(epoch from clock_timestamp()) * 1000 as text) as ms`.execute(db);
  const after = performance.now();
  return Number(rows[0]?.ms) - (before + after) / 2;
}
