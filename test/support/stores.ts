import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type Database, type Engine, openDatabase } from "../../src/store/database.ts";
import { startPostgres, type TestPostgres } from "./postgres.ts";

export interface TestStore {
  readonly engine: Engine;
  /** A new, empty, migrated database. */
  open(): Promise<Database>;
}

/** Runs a suite on both engines: what one of them does differently fails here. */
export function onBothStores(name: string, suite: (store: TestStore) => void): void {
  describe(`${name} on sqlite`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), "atelier-sqlite-"));
    const opened: Database[] = [];
    let databases = 0;
    afterAll(async () => {
      await Promise.all(opened.map((database) => database.close()));
      rmSync(folder, { recursive: true, force: true });
    });
    suite({
      engine: "sqlite",
      open: async () => keep(opened, await openDatabase({ dataDir: path.join(folder, String(++databases)) })),
    });
  });
  describe(`${name} on postgres`, () => {
    let server: TestPostgres;
    const opened: Database[] = [];
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(async () => {
      await Promise.all(opened.map((database) => database.close()));
      await server.stop();
    });
    suite({
      engine: "postgres",
      open: async () => keep(opened, await openDatabase({ url: await server.createDatabase(), dataDir: "unused" })),
    });
  });
}

function keep(opened: Database[], database: Database): Database {
  opened.push(database);
  return database;
}
