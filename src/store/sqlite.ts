import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Driver, Kysely, SqliteAdapter, SqliteDialect } from "kysely";
import type { Connection, Reading } from "./connection.ts";
import { expectLast, lastOf } from "./last-statements.ts";
import { openReports } from "./sqlite-reports.ts";
import { takingTurns } from "./sqlite-turns.ts";
import type { Tables } from "./tables.ts";

type Parameters = Parameters_<StatementSync["all"]>;
type Parameters_<F> = F extends (...args: infer P) => unknown ? P : never;

/** Another process works in this folder. */
export class FolderInUse extends Error {
  constructor(folder: string) {
    super(`Another Atelier is already running in ${folder}. Stop it, or set DATA_DIR to another folder.`);
  }
}

/** The embedded engine: one file in `dataDir`, every commit fsynced, one process only. Throws FolderInUse. */
export function openSqlite(dataDir: string): Connection {
  const folder = path.resolve(dataDir);
  mkdirSync(folder, { recursive: true });
  const lock = lockFolder(folder);
  const name = path.join(folder, "atelier.db");
  const file = new DatabaseSync(name);
  // FULL: a commit is on disk when it returns, so that no acknowledged credit is lost with the power.
  file.exec(
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000",
  );
  const db = new Kysely<Tables>({ dialect: new Dialect({ database: asKyselyExpects(file, () => lock.close()) }) });
  const reports = openReports(name);
  return {
    engine: "sqlite",
    db,
    reports,
    atomically: (run) =>
      db.transaction().execute(async (trx) => {
        expectLast(trx);
        const result = await run(trx);
        for (const statement of lastOf(trx)) await trx.executeQuery(statement);
        return result;
      }),
    warnings: [],
    isRetryable: () => false,
    isLost: () => false,
    notify: async () => undefined,
    listen: async () => undefined,
    close: async () => {
      await reports.destroy();
      if (file.isOpen) file.close();
      if (lock.isOpen) lock.close();
    },
  };
}

class Dialect extends SqliteDialect {
  override createDriver(): Driver {
    return takingTurns(super.createDriver());
  }

  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      /** The driver sees to it itself. */
      override get supportsMultipleConnections() {
        return true;
      }

      /** Migrations are transactions here too: SQLite takes changes of the schema in one, which Kysely does not count on. */
      override get supportsTransactionalDdl() {
        return true;
      }
    })();
  }
}

/** There is nothing to read. */
class NoDatabase extends Error {
  constructor(folder: string) {
    super(`There is no database in ${folder} yet. Set DATA_DIR to where it is, or start the bot.`);
  }
}

/** A look into the ledger, beside the process that works in the folder. Throws NoDatabase. */
export function readSqlite(dataDir: string): Reading {
  const folder = path.resolve(dataDir);
  const name = path.join(folder, "atelier.db");
  if (!existsSync(name)) throw new NoDatabase(folder);
  const file = new DatabaseSync(name, { readOnly: true, timeout: 5000 });
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyExpects(file, () => undefined) }) });
  return { engine: "sqlite", db, close: () => db.destroy() };
}

/** An exclusive lock that the operating system gives back however this process dies. */
function lockFolder(folder: string): DatabaseSync {
  const lock = new DatabaseSync(path.join(folder, "atelier.lock"), { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = delete; begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && error.message.includes("locked")) throw new FolderInUse(folder);
    throw error;
  }
}

/** Kysely speaks to better-sqlite3; this gives node:sqlite the same face, and keeps prepared statements. */
function asKyselyExpects(file: DatabaseSync, closed: () => void) {
  const prepared = new Map<string, ReturnType<typeof statementOf>>();
  return {
    prepare(text: string) {
      const statement = prepared.get(text) ?? statementOf(file.prepare(plannedOnce(text)));
      if (prepared.size < 500) prepared.set(text, statement); // texts are few; the cap is for the unforeseen
      return statement;
    },
    close() {
      file.close();
      closed();
    },
  };
}

/** SQLite looks at a parameter of LIMIT when it plans, and so plans such a statement anew for each run: 0.6 ms for a claim. */
function plannedOnce(text: string): string {
  return text.replace(/\b(limit|offset) \?/g, "$1 ? + 0");
}

function statementOf(statement: StatementSync) {
  return {
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => statement.all(...(values as Parameters)),
    run: (values: readonly unknown[]) => statement.run(...(values as Parameters)),
    iterate: (values: readonly unknown[]) => statement.iterate(...(values as Parameters)),
  };
}
