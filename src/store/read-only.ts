import { sql } from "kysely";
import type { DatabaseLocation, Reading } from "./connection.ts";
import { migrations } from "./migrations/index.ts";

/** The database was never brought to the shape that this program knows. */
class OutdatedDatabase extends Error {
  constructor() {
    super("The database is of another version of Atelier: start the bot once, which brings it up to date.");
  }
}

/** Opens a database to read it, also while the bot works on it; nothing is locked or changed. Throws when it is not there. */
export async function openForReading({ url, directUrl, dataDir }: DatabaseLocation): Promise<Reading> {
  // Only the engine in use is loaded.
  const reading = url
    ? (await import("./postgres.ts")).readPostgres({ url, directUrl })
    : (await import("./sqlite.ts")).readSqlite(dataDir);
  try {
    await requireCurrent(reading);
    return reading;
  } catch (error) {
    await reading.close();
    throw error;
  }
}

async function requireCurrent(reading: Reading): Promise<void> {
  if (reading.engine === "postgres") {
    await sql`select 1`.execute(reading.db).catch(async (error: unknown) => {
      throw (await import("./postgres-errors.ts")).unreachable("DATABASE_URL", error);
    });
  }
  const tables = await reading.db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) throw new OutdatedDatabase();
  const made = await migrationsOf(reading);
  if (Object.keys(migrations(reading.engine)).some((name) => !made.includes(name))) throw new OutdatedDatabase();
}

/** The migrations that made the database what it is, in order. */
export async function migrationsOf({ db }: Reading): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
