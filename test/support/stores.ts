import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, inject } from "vitest";
import { type Database, type Engine, openDatabase } from "../../src/store/database.ts";
import { createDatabase } from "./postgres.ts";

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
    const opened: Database[] = [];
    afterAll(() => Promise.all(opened.map((database) => database.close())));
    suite({
      engine: "postgres",
      async open() {
        const url = await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);
        return keep(opened, await openDatabase({ url, dataDir: "unused" }));
      },
    });
  });
}

function keep(opened: Database[], database: Database): Database {
  opened.push(database);
  return database;
}
