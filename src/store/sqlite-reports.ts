import { Worker } from "node:worker_threads";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Db } from "./connection.ts";
import type { ReportAnswer, ReportQuestion } from "./sqlite-report-thread.ts";
import type { Tables } from "./tables.ts";

/** So long after its last answer the thread is kept. */
const idleMs = 60_000;

/**
 * Reads the file in a thread of its own: a statement of the embedded engine holds up the thread that runs it, and one that
 * goes through all history takes seconds. Sees everything that is committed. The thread is started by the first question.
 */
export function openReports(file: string): Db {
  const driver = new ThreadDriver(file);
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

interface Waiting {
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
}

class ThreadDriver implements Driver {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #asked = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return {
      executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => ({
        rows: (await this.#ask(sql, parameters)) as Row[],
      }),
      streamQuery: () => {
        throw new Error("reports are read in pages");
      },
    };
  }

  beginTransaction = () => Promise.reject(new Error("a report changes nothing"));
  commitTransaction = this.beginTransaction;
  rollbackTransaction = this.beginTransaction;

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#end(new Error("the database is closed"));
  }

  #ask(sql: string, parameters: readonly unknown[]): Promise<unknown[]> {
    clearTimeout(this.#idle);
    const thread = this.#started();
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ id, sql, parameters } satisfies ReportQuestion);
    });
  }

  #started(): Worker {
    if (this.#thread) return this.#thread;
    const workerData = { file: this.#file };
    const thread = new Worker(new URL("./sqlite-report-thread.ts", import.meta.url), { workerData });
    thread.on("message", (answer: ReportAnswer) => this.#hear(answer));
    thread.on("error", (error) => void this.#end(error));
    this.#thread = thread;
    return thread;
  }

  #hear(answer: ReportAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("rows" in answer) waiting?.resolve(answer.rows);
    else waiting?.reject(new Error(answer.error));
    if (this.#waiting.size > 0) return;
    this.#thread?.unref();
    this.#idle = setTimeout(() => void this.#end(new Error("the thread was idle")), idleMs).unref();
  }

  async #end(reason: unknown): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    await thread?.terminate();
  }
}
