import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Connection } from "./connection.ts";
import { isStale, pipelinedTransactions } from "./pipeline.ts";
import type { Tables } from "./tables.ts";

const channel = "atelier_queue";
const int8 = 20;
/** deadlock_detected, serialization_failure: the transaction did nothing and may run again. */
const retryable = new Set(["40P01", "40001"]);
/** connection_exception; the server ends, crashed, or does not take connections yet; idle in a transaction for too long. */
const lostStates = /^(08|57P0[123]|25P03)/;
const lostSockets = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);
/** What pg itself says, without a code. */
const lostWords = /^Connection terminated|not queryable|timeout exceeded when trying to connect/;
const relistenMs = 2000;
/** A process that is frozen in the middle of a transaction must not keep its locks: all others would stand still. */
const longestIdleMs = 5000;

/** Lets the operating system notice a server that is gone without a word. */
const connectionOptions = (url: string) => ({
  connectionString: url,
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});

/** The engine for more than one process. Throws when the server does not answer. */
export async function connectPostgres(url: string): Promise<Connection> {
  const idle = { idle_in_transaction_session_timeout: longestIdleMs };
  const pool = openPool({ ...connectionOptions(url), ...idle, max: 10, pipeline: true });
  await pool.query("select 1");
  const ears = listener(url);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    engine: "postgres",
    db,
    reports: db,
    atomically: pipelinedTransactions(pool),
    isRetryable: (error) => retryable.has(codeOf(error)) || isStale(error),
    isLost,
    notify: async () => {
      await pool.query(`notify ${channel}`);
    },
    listen: (heard) => ears.listen(heard),
    close: async () => {
      await ears.close();
      await db.destroy();
    },
  };
}

/** A look into the books, beside the processes that work on them; whatever would change something is refused. */
export function readPostgres(url: string): Pick<Connection, "engine" | "db" | "close"> {
  const pool = openPool({ ...connectionOptions(url), max: 1, options: "-c default_transaction_read_only=on" });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { engine: "postgres", db, close: () => db.destroy() };
}

function openPool(options: pg.PoolConfig): pg.Pool {
  pg.types.setTypeParser(int8, Number); // credits and times stay far below 2^53
  const pool = new pg.Pool(options);
  pool.on("error", () => undefined); // an idle connection broke; the next query opens another
  // One in use broke between two statements: the next statement says so. Without a listener, the process would end.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

const codeOf = (error: unknown) => (error as { code?: string } | undefined)?.code ?? "";

function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (lostStates.test(code) || lostSockets.has(code)) return true;
  return error instanceof Error && lostWords.test(error.message);
}

/** One connection that only listens, and comes back when it breaks; polling covers the gap. */
function listener(url: string) {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  async function listen(heard: () => void, again = false): Promise<void> {
    const mine = new pg.Client(connectionOptions(url));
    client = mine;
    let gone = false;
    const lost = () => {
      if (gone || closed) return; // it breaks once, however often it says so
      gone = true;
      void mine.end().catch(() => undefined);
      timer = setTimeout(() => void listen(heard, true), relistenMs);
    };
    mine.on("error", lost);
    mine.on("end", lost);
    mine.on("notification", heard);
    await mine
      .connect()
      .then(() => mine.query(`listen ${channel}`))
      .then(() => (again ? heard() : undefined)) // something may have been said meanwhile
      .catch(lost);
  }
  return {
    listen,
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
