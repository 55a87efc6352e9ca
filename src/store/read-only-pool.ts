import type { PostgresPool, PostgresPoolClient } from "kysely";
import type pg from "pg";

/**
 * The same connections, on which nothing can be changed: every statement is part of a read-only transaction, its own
 * unless one was begun. A setting of the session would do for a server, but a pooler would hand it on to others.
 */
export function readOnlyPool(pool: pg.Pool): PostgresPool {
  return {
    options: {},
    connect: async () => readOnly(await pool.connect()),
    end: () => pool.end(),
  } as PostgresPool;
}

function readOnly(client: pg.PoolClient): PostgresPoolClient {
  let begun = false;
  const query = async (text: string, values: unknown[]) => {
    if (!begun && !/^(start transaction|begin)/.test(text)) await client.query("begin read only");
    begun = true;
    return client.query(text, values);
  };
  const release = () => {
    client.query("rollback").then(
      () => client.release(),
      () => client.release(true),
    );
  };
  return { query, release } as unknown as PostgresPoolClient;
}
