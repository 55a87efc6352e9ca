import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import type { Connection, DatabaseLocation, Db, Engine, Trx } from "./connection.ts";
import { migrations } from "./migrations/index.ts";

export interface TransactionOptions {
  /** After a commit of which nobody knows whether it happened, `run` may run again: it finds what it did before. */
  readonly repeatable?: boolean;
}

/** The database, migrated and ready. */
export interface Database extends Omit<Connection, "atomically"> {
  /**
   * Commits what `run` did as one, or nothing of it. Inside, only `trx` may be used, and nothing else may be changed: a
   * transaction that certainly did nothing is run again, a few times, over a new connection if need be. When the connection
   * breaks during the commit, it may have happened: that is thrown, unless `repeatable`. Statements that are awaited
   * together (`Promise.all`) are carried out in the order in which they were begun, and cost one round trip.
   */
  transaction<Result>(run: (trx: Trx) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
  /** Does it answer? */
  healthy(): Promise<boolean>;
}

/** The database has a newer shape than this program, or a migration failed. */
class MigrationError extends Error {}

/** The number that Kysely takes, as a program of an earlier version does: it waits for one that migrates. */
const migrationLock = 3853314791062309107n;

const transactionTries = 5;
/** Doubled each time: 1.5 s in all, which a server that changes over needs, and within which a member still waits. */
const firstPauseMs = 100;

/** `upTo`: the last migration that is made; all of them unless given. */
export async function openDatabase(options: DatabaseLocation & { readonly upTo?: string }): Promise<Database> {
  const { url, directUrl, dataDir, upTo } = options;
  // Only the engine in use is loaded: start-up time counts.
  const connection = url
    ? await (await import("./postgres.ts")).connectPostgres({ url, directUrl })
    : (await import("./sqlite.ts")).openSqlite(dataDir);
  try {
    await migrate(connection, upTo);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    ...connection,
    transaction: (run, given) => inTransaction(connection, run, given),
    healthy: () => answers(connection.db),
  };
}

/** In one transaction: after a failure or a crash, the database is as it was. */
async function migrate({ db, engine }: Connection, upTo?: string): Promise<void> {
  await db.transaction().execute((trx) => migrateIn(trx, engine, upTo));
}

async function migrateIn(db: Trx, engine: Engine, upTo?: string): Promise<void> {
  if (engine === "postgres") await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(engine) } });
  const later = (await migrator.getMigrations()).filter(({ name, executedAt }) => executedAt && upTo && name > upTo);
  if (later.length > 0) throw new MigrationError("The database has a newer shape: take a new one."); // never back
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
  if (error)
    throw new MigrationError(`The database could not be brought up to date: ${String(error)}`, { cause: error });
}

async function inTransaction<Result>(
  connection: Connection,
  run: (trx: Trx) => Promise<Result>,
  { repeatable = false }: TransactionOptions = {},
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const end = await runOnce(connection, run);
    if ("result" in end) return end.result;
    const lost = connection.isLost(end.error);
    const nothingDone = connection.isRetryable(end.error) || (lost && !end.committing);
    if (tries >= transactionTries || !(nothingDone || (lost && repeatable))) throw end.error;
    if (lost) await delay(firstPauseMs * 2 ** (tries - 1));
  }
}

type End<Result> = { readonly result: Result } | { readonly error: unknown; readonly committing: boolean };

async function runOnce<Result>({ atomically }: Connection, run: (trx: Trx) => Promise<Result>): Promise<End<Result>> {
  let committing = false;
  let failure: { readonly error: unknown } | undefined;
  try {
    const result = await atomically(async (trx) => {
      const ran = await run(trx).catch((error: unknown) => {
        failure = { error }; // over a broken connection the rollback fails too, and would hide this one
        throw error;
      });
      committing = true;
      return ran;
    });
    return { result };
  } catch (error) {
    return { committing, ...(failure ?? { error }) };
  }
}

/** A server that says nothing for so long is away; whoever asks for readiness gets an answer by then. */
const patienceMs = 3000;

async function answers(db: Db): Promise<boolean> {
  const answered = new AbortController();
  const silence = delay(patienceMs, false, { signal: answered.signal, ref: false }).catch(() => false);
  const asked = db.selectFrom("account").select("id").limit(1).execute();
  const answer = asked.then(
    () => true,
    () => false,
  );
  return Promise.race([answer, silence]).finally(() => answered.abort());
}
