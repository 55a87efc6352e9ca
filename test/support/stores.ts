import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, inject } from "vitest";
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
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const keep = closingAll();
    let databases = 0;
    const place = async () => ({ dataDir: path.join(folder, String(++databases)) });
    suite({ engine: "sqlite", place, open: async (at) => keep(await openDatabase(at ?? (await place()))) });
  });
  describe(`${name} on postgres`, () => {
    const keep = closingAll();
    const place = async () => ({
      url: await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`),
      dataDir: "unused",
    });
    suite({ engine: "postgres", place, open: async (at) => keep(await openDatabase(at ?? (await place()))) });
  });
}

/**
 * Closes what a test opened after that test, and what all share after the last: PostgreSQL takes so many connections,
 * and tests run faster than a pool lets go of them.
 */
function closingAll(): (database: Database) => Database {
  const opened: Database[] = [];
  let shared = 0;
  beforeEach(() => {
    shared = opened.length;
  });
  afterEach(() => close(opened.splice(shared)));
  afterAll(() => close(opened));
  return (database) => {
    opened.push(database);
    return database;
  };
}

async function close(databases: readonly Database[]): Promise<void> {
  await Promise.all(databases.map((database) => database.close()));
}
