import { Kysely, PostgresAdapter, PostgresDialect } from "kysely";
import pg from "pg";
import type { Connection, Reading } from "./connection.ts";
import { createNotices } from "./notices.ts";
import { pipelinedTransactions } from "./pipeline.ts";
import { poolsTransactions } from "./pooling.ts";
import { isLost, isRetryable, isStale, unreachable } from "./postgres-errors.ts";
import { readOnlyPool } from "./read-only-pool.ts";
import type { Tables } from "./tables.ts";

const int8 = 20;
/** Lets the operating system notice a server that is gone without a word. No setting goes with the start of a session: poolers refuse that. */
const connectionOptions = (url: string) => ({
  connectionString: url,
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});

export interface PostgresUrls {
  readonly url: string;
  /** The address of the server itself, where `url` is a pooler in transaction mode. */
  readonly directUrl?: string | undefined;
}

/** The engine for more than one process. Throws DatabaseUnreachable. */
export async function connectPostgres({ url, directUrl }: PostgresUrls): Promise<Connection> {
  const pool = openPool({ ...connectionOptions(url), max: 10, pipeline: true });
  const notices = createNotices(pool, connectionOptions(directUrl ?? url));
  const pooled = await requireAnswers(pool, directUrl).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const db = new Kysely<Tables>({ dialect: new Dialect({ pool }) });
  const hears = !pooled || directUrl !== undefined;
  return {
    engine: "postgres",
    db,
    reports: db,
    warnings: hears ? [] : [deaf],
    atomically: pipelinedTransactions(pool, { prepare: !pooled }),
    isRetryable: (error) => isRetryable(error) || isStale(error),
    isLost,
    notify: (job = "") => notices.send(job),
    listen: async (heard) => (hears ? notices.listen(heard) : undefined),
    close: async () => {
      await notices.close();
      await db.destroy();
    },
  };
}

const deaf =
  "DATABASE_URL leads to a pooler in transaction mode, through which no process hears of another: set DATABASE_DIRECT_URL to the server itself, or jobs and results are noticed up to 2 s later.";

/** Does each transaction have another connection? */
async function requireAnswers(pool: pg.Pool, directUrl: string | undefined): Promise<boolean> {
  const pooled = await poolsTransactions(pool).catch((error: unknown) => {
    throw unreachable("DATABASE_URL", error);
  });
  if (directUrl === undefined) return pooled;
  const direct = new pg.Client(connectionOptions(directUrl));
  direct.on("error", () => undefined);
  try {
    await direct.connect();
  } catch (error) {
    throw unreachable("DATABASE_DIRECT_URL", error);
  } finally {
    await direct.end().catch(() => undefined);
  }
  return pooled;
}

/** A look into the ledger, beside the processes that work on it; whatever would change something is refused. */
export function readPostgres({ url, directUrl }: PostgresUrls): Reading {
  const pool = openPool({ ...connectionOptions(directUrl ?? url), max: 1 });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: readOnlyPool(pool) }) });
  return { engine: "postgres", db, close: () => db.destroy() };
}

/** Kysely would lock migrations for the session, which a pooler gives to others; database.ts does it for the transaction. */
class Dialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new (class extends PostgresAdapter {
      override async acquireMigrationLock(): Promise<void> {}
      override async releaseMigrationLock(): Promise<void> {}
    })();
  }
}

function openPool(options: pg.PoolConfig): pg.Pool {
  pg.types.setTypeParser(int8, Number); // credits and times stay far below 2^53
  const pool = new pg.Pool(options);
  pool.on("error", () => undefined); // an idle connection broke; the next query opens another
  // One in use broke between two statements: the next statement says so. Without a listener, the process would end.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
