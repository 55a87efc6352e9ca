import { type CompiledQuery, DefaultQueryExecutor, PostgresDialect, Transaction } from "kysely";
import pg from "pg";
import type { Connection, Trx } from "./database.ts";
import type { Tables } from "./tables.ts";

/** feature_not_supported, with these words: another process changed the tables under a prepared statement. */
const stale = { code: "0A000", words: "cached plan must not change result type" };
/** Kept by the server for each connection; texts are few, and the cap is for the unforeseen. */
const mostPrepared = 400;

/**
 * Transactions whose statements do not wait for each other: those that are awaited together travel together, and the
 * server carries them out in the order in which they were begun. (Kysely's own transactions send one at a time.) `pool`
 * has `pipeline` on. A repeated statement is parsed and planned once on each connection.
 */
export function pipelinedTransactions(pool: pg.Pool): {
  readonly atomically: Connection["atomically"];
  /** Prepared statements are out of date; the transaction did nothing, and the next one prepares anew. */
  isStale(error: unknown): boolean;
} {
  const dialect = new PostgresDialect({ pool });
  const [compiler, adapter, driver] = [dialect.createQueryCompiler(), dialect.createAdapter(), dialect.createDriver()];
  let prepared = new Map<string, string>();
  let generation = 0;

  function nameOf(text: string): string | undefined {
    const name = prepared.get(text) ?? (prepared.size < mostPrepared ? `${generation}.${prepared.size}` : undefined);
    if (name !== undefined) prepared.set(text, name);
    return name;
  }

  /** A transaction that is over refuses: a statement that comes too late must not be carried out on its own. */
  function transactionOn(client: pg.ClientBase): { trx: Trx; end(): void } {
    let over = false;
    const connection = {
      async executeQuery({ sql: text, parameters }: CompiledQuery) {
        if (over) throw new Error("the transaction is over");
        const { rows, rowCount } = await client.query({ name: nameOf(text), text, values: [...parameters] });
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
      },
      streamQuery: () => {
        throw new Error("nothing is streamed in a transaction");
      },
    };
    const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (use) => use(connection) });
    const trx = new Transaction<Tables>({ config: { dialect }, dialect, driver, executor });
    return {
      trx,
      end: () => {
        over = true;
      },
    };
  }

  return {
    async atomically(run) {
      const client = await pool.connect();
      const { trx, end } = transactionOn(client);
      let broken: unknown;
      try {
        await client.query("begin");
        const result = await run(trx).finally(end);
        const { command } = await client.query("commit");
        if (command !== "COMMIT") throw new Error("a statement of the transaction failed, and nobody was told");
        return result;
      } catch (error) {
        await client.query("rollback").catch((cause: unknown) => {
          broken = cause;
        });
        throw error;
      } finally {
        client.release(broken !== undefined);
      }
    },
    isStale(error) {
      if (!(error instanceof pg.DatabaseError && error.code === stale.code)) return false;
      if (!error.message.includes(stale.words)) return false;
      generation += 1;
      prepared = new Map();
      return true;
    },
  };
}
