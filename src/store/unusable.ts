import { Kysely, PostgresDialect } from "kysely";
import type { Engine } from "./connection.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Stands in for a database that cannot be opened: whoever asks it anything is told why. */
export function unusableDatabase(engine: Engine, reason: unknown): Database {
  const refuse = () => Promise.reject(reason);
  const pool = { options: {}, connect: refuse, end: async () => undefined };
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    engine,
    db,
    reports: db,
    warnings: [],
    transaction: refuse,
    healthy: async () => false,
    isRetryable: () => false,
    isLost: () => true,
    notify: async () => undefined,
    listen: async () => undefined,
    close: async () => undefined,
  };
}
