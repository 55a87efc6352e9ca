import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./tables.ts";

export type Engine = "sqlite" | "postgres";

export type Db = Kysely<Tables>;

export type Trx = Transaction<Tables>;

/** An engine; everything above it is one portable SQL subset. */
export interface Connection {
  readonly engine: Engine;
  readonly db: Db;
  /** For reads that go through much of the history: they hold nothing else up, and see what is committed. */
  readonly reports: Db;
  /** One transaction: what `run` did is committed, or nothing of it. */
  atomically<Result>(run: (trx: Trx) => Promise<Result>): Promise<Result>;
  /** By the server's own word the transaction did nothing, and may run again (deadlock, serialization failure). */
  isRetryable(error: unknown): boolean;
  /** The connection broke, or there is none: nothing was done, except perhaps by a commit that was under way. */
  isLost(error: unknown): boolean;
  /** For the operator, at the start: sentences about what does not work as well as it could. */
  readonly warnings: readonly string[];
  /** Tells the other processes that a job changed, by its id; that `calls` wait; or, without a word, that there is anything to do. */
  notify(news?: string): Promise<void>;
  /** Calls `heard` with what another process notified, "" for anything. */
  listen(heard: (news: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** The part of a connection that reads, beside the process that works on the database. */
export type Reading = Pick<Connection, "engine" | "db" | "close">;

/** The address of a database: on a PostgreSQL server, or else in a folder. */
export interface DatabaseLocation {
  readonly url?: string | undefined;
  /** The address of the server itself, where `url` is a pooler in transaction mode. */
  readonly directUrl?: string | undefined;
  readonly dataDir: string;
}
