import type { Kysely, Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations } from "./migrations/index.ts";
import type { Tables } from "./tables.ts";

export type Engine = "sqlite" | "postgres";
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/** What an engine offers; everything above it is one portable SQL subset. */
export interface Connection {
  readonly engine: Engine;
  readonly db: Db;
  /** May the whole transaction simply be run again (deadlock, serialization failure)? */
  isRetryable(error: unknown): boolean;
  /** Tells other processes that the queue changed. */
  notify(): Promise<void>;
  /** Calls `heard` when another process notifies. */
  listen(heard: () => void): Promise<void>;
  close(): Promise<void>;
}

/** The database, migrated and ready. */
export interface Database extends Connection {
  /** Commits what `run` did as one, or nothing of it. Inside, only `trx` may be used. */
  transaction<Result>(run: (trx: Trx) => Promise<Result>): Promise<Result>;
  /** Does it answer? */
  healthy(): Promise<boolean>;
}

/** The database has a newer shape than this program, or a migration failed. */
class MigrationError extends Error {}

const transactionTries = 5;

export async function openDatabase(options: { url?: string | undefined; dataDir: string }): Promise<Database> {
  // Only the engine in use is loaded: start-up time counts.
  const connection = options.url
    ? await (await import("./postgres.ts")).connectPostgres(options.url)
    : (await import("./sqlite.ts")).openSqlite(options.dataDir);
  try {
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return { ...connection, transaction: (run) => inTransaction(connection, run), healthy: () => answers(connection.db) };
}

async function migrate({ db, engine }: Connection): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(engine) } });
  const { error } = await migrator.migrateToLatest();
  if (error)
    throw new MigrationError(`The database could not be brought up to date: ${String(error)}`, { cause: error });
}

async function inTransaction<Result>(connection: Connection, run: (trx: Trx) => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await connection.db.transaction().execute(run);
    } catch (error) {
      if (tries >= transactionTries || !connection.isRetryable(error)) throw error;
    }
  }
}

async function answers(db: Db): Promise<boolean> {
  return db
    .selectFrom("account")
    .select("id")
    .limit(1)
    .execute()
    .then(() => true)
    .catch(() => false);
}
