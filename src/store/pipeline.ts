import { type CompiledQuery, DefaultQueryExecutor, PostgresDialect, Transaction } from "kysely";
import type pg from "pg";
import type { Connection, Trx } from "./connection.ts";
import { expectLast, lastOf } from "./last-statements.ts";
import { isStale } from "./postgres-errors.ts";
import type { Tables } from "./tables.ts";

/** A process that is frozen in the middle of a transaction must not keep its locks: all others would stand still. */
const longestIdleMs = 5000;
/** The setting counts for this transaction only, and so it is the same with and without a pooler. */
const begin = `begin; set local idle_in_transaction_session_timeout = ${longestIdleMs}`;

/** Kept by the server for each connection; texts are few, and the cap is for the unforeseen. */
const mostPrepared = 400;

/** The names of statements that the server keeps, until one of them was stale. */
class PreparedNames {
  #names = new Map<string, string>();
  #generation = 0;

  nameOf(text: string): string | undefined {
    const names = this.#names;
    const name = names.get(text) ?? (names.size < mostPrepared ? `${this.#generation}.${names.size}` : undefined);
    if (name !== undefined) names.set(text, name);
    return name;
  }

  renew(): void {
    this.#generation += 1;
    this.#names = new Map();
  }
}

/**
 * Transactions whose statements do not wait for each other: those that are awaited together travel together, and the
 * server carries them out in the order in which they were begun. (Kysely's own transactions send one at a time.) `pool`
 * has `pipeline` on. With `prepare`, a repeated statement is parsed and planned once on each connection, and anew after one was stale.
 */
export function pipelinedTransactions(pool: pg.Pool, { prepare }: { prepare: boolean }): Connection["atomically"] {
  const transactionOn = createTransactions(pool);
  const prepared = new PreparedNames();
  const nameOf = (text: string) => (prepare ? prepared.nameOf(text) : undefined);

  return async (run) => {
    const client = await pool.connect();
    const { trx, end } = transactionOn(client, nameOf);
    let broken = false;
    try {
      await client.query(begin);
      expectLast(trx);
      const result = await run(trx).finally(end);
      const last = lastOf(trx).map(({ sql: text, parameters }) =>
        client.query({ name: nameOf(text), text, values: [...parameters] }),
      );
      const [{ command }] = await Promise.all([client.query("commit"), ...last]);
      if (command !== "COMMIT") throw new Error("a statement of the transaction failed, and nobody was told");
      return result;
    } catch (error) {
      if (isStale(error)) prepared.renew();
      await client.query("rollback").catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  };
}

/** A transaction of Kysely's on one connection, as often as it is asked for. */
function createTransactions(pool: pg.Pool) {
  const dialect = new PostgresDialect({ pool });
  const [compiler, adapter, driver] = [dialect.createQueryCompiler(), dialect.createAdapter(), dialect.createDriver()];

  /** A transaction that is over refuses: a statement that comes too late must not be carried out on its own. */
  return (client: pg.ClientBase, nameOf: (text: string) => string | undefined): { trx: Trx; end(): void } => {
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
  };
}
