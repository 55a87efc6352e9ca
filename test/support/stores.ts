import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, inject } from "vitest";
import type { Engine } from "../../src/store/connection.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createDatabase } from "./postgres.ts";

export interface TestStore {
  readonly engine: Engine;
  /** A new, empty, migrated database; or the one at `place`. */
  open(place?: Location): Promise<Database>;
  /** Where a database could be: a new one that is not there yet. */
  place(): Promise<Location>;
}

interface Location {
  readonly url?: string;
  readonly dataDir: string;
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
    const place = async () => ({ dataDir: path.join(folder, String(++databases)) });
    suite({ engine: "sqlite", place, open: async (at) => keep(opened, await openDatabase(at ?? (await place()))) });
  });
  describe(`${name} on postgres`, () => {
    const opened: Database[] = [];
    afterAll(() => Promise.all(opened.map((database) => database.close())));
    const place = async () => ({
      url: await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`),
      dataDir: "unused",
    });
    suite({ engine: "postgres", place, open: async (at) => keep(opened, await openDatabase(at ?? (await place()))) });
  });
}

function keep(opened: Database[], database: Database): Database {
  opened.push(database);
  return database;
}
