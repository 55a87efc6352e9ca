import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Connection } from "./database.ts";
import type { Tables } from "./tables.ts";

const channel = "atelier_queue";
const int8 = 20;
/** deadlock_detected, serialization_failure: the transaction did nothing and may run again. */
const retryable = new Set(["40P01", "40001"]);
const relistenMs = 2000;

/** The engine for more than one process. Throws when the server does not answer. */
export async function connectPostgres(url: string): Promise<Connection> {
  pg.types.setTypeParser(int8, Number); // credits and times stay far below 2^53
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 10_000 });
  pool.on("error", () => undefined); // an idle connection broke; the next query opens another
  await pool.query("select 1");
  const ears = listener(url);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    engine: "postgres",
    db,
    isRetryable: (error) => retryable.has((error as { code?: string }).code ?? ""),
    notify: async () => {
      await pool.query(`notify ${channel}`);
    },
    listen: ears.listen,
    close: async () => {
      await ears.close();
      await db.destroy();
    },
  };
}

/** One connection that only listens, and comes back when it breaks; polling covers the gap. */
function listener(url: string) {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  async function listen(heard: () => void): Promise<void> {
    const again = () => {
      if (closed || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        void listen(heard);
      }, relistenMs);
    };
    const mine = new pg.Client({ connectionString: url });
    client = mine;
    mine.on("error", again);
    mine.on("end", again);
    mine.on("notification", heard);
    await mine
      .connect()
      .then(() => mine.query(`listen ${channel}`))
      .catch(again);
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
