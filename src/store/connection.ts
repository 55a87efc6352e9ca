import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./tables.ts";

export type Engine = "sqlite" | "postgres";

export type Db = Kysely<Tables>;

export type Trx = Transaction<Tables>;

/** What an engine offers; everything above it is one portable SQL subset. */
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
  /** Tells other processes that the queue changed. */
  notify(): Promise<void>;
  /** Calls `heard` when another process notifies. */
  listen(heard: () => void): Promise<void>;
  close(): Promise<void>;
}
