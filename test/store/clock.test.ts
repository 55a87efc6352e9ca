import { performance } from "node:perf_hooks";
import { sql } from "kysely";
import { expect, inject, test } from "vitest";
import { serverClock } from "../../src/store/clock.ts";
import { connectPostgres } from "../../src/store/postgres.ts";

test("the clock of a process that shares a database is the server's, whatever its own machine says", async () => {
  const { db, close } = await connectPostgres({ url: inject("postgresUrl") });
  const ownClock = Date.now;
  Date.now = () => ownClock() + 3_600_000;
  try {
    const now = await serverClock(db);
    const began = performance.now();
    const { rows } = await sql<{ ms: string }>`
      select cast(extract(epoch from clock_timestamp()) * 1000 as text) as ms`.execute(db);
    const server = Number(rows[0]?.ms);
    expect(Math.abs(now() - server)).toBeLessThan(1000 + performance.now() - began);
    const first = now();
    Date.now = () => ownClock() - 3_600_000;
    expect(now() - first).toBeGreaterThanOrEqual(0);
    expect(now() - first).toBeLessThan(60_000);
  } finally {
    Date.now = ownClock;
    await close();
  }
});
