import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { type Database, openDatabase } from "../../../src/store/database.ts";
import { createDatabase } from "../postgres.ts";

/** A new and empty store for each run; what the last run left is gone then. */
export interface Arena {
  readonly engine: Database["engine"];
  fresh(): Promise<{ database: Database; folder: string }>;
  close(): Promise<void>;
}

/** In memory where the machine has enough of it: a run writes many small files. */
function roomyFolder(): string {
  const memory = "/dev/shm";
  const disk = existsSync(memory) ? statfsSync(memory) : undefined;
  const roomy = disk !== undefined && disk.bavail * disk.bsize > 2_000_000_000;
  return mkdtempSync(path.join(roomy ? memory : tmpdir(), "atelier-chaos-"));
}

/** `fill` opens the store of a run in its own folder. */
function arena(
  engine: Arena["engine"],
  fill: (folder: string) => Promise<Database>,
  emptied: () => Promise<void>,
): Arena {
  const root = roomyFolder();
  let runs = 0;
  return {
    engine,
    async fresh() {
      await emptied();
      rmSync(path.join(root, String(runs)), { recursive: true, force: true });
      const folder = path.join(root, String(++runs));
      mkdirSync(folder);
      return { folder, database: await fill(folder) };
    },
    async close() {
      await emptied();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A new file for each run. */
export function sqliteArena(): Arena {
  let open: Database | undefined;
  const fill = async (dataDir: string) => {
    open = await openDatabase({ dataDir });
    return open;
  };
  return arena("sqlite", fill, async () => open?.close());
}

/** One database, emptied before each run. */
export async function postgresArena(serverUrl: string): Promise<Arena> {
  const url = await createDatabase(serverUrl, `chaos_${randomBytes(8).toString("hex")}`);
  const database = await openDatabase({ url, dataDir: "unused" });
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`.execute(
    database.db,
  );
  const tables = sql.join(rows.map(({ name }) => sql.table(name)));
  const fill = async () => {
    await sql`truncate ${tables} cascade`.execute(database.db);
    return database;
  };
  const made = arena("postgres", fill, async () => undefined);
  return {
    ...made,
    async close() {
      await made.close();
      await database.close();
    },
  };
}
