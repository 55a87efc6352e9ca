import type pg from "pg";

const rounds = 3;

/**
 * Does a pooler stand before the server that gives each transaction another connection (PgBouncer in transaction mode)?
 * Then nothing lasts from one transaction to the next: no prepared statement, no LISTEN, no session setting. It shows
 * by the process ids of the server: two clients share one, or one client has two.
 */
export async function poolsTransactions(pool: pg.Pool): Promise<boolean> {
  const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
  try {
    for (let round = 0; round < rounds; round++) {
      const first = await serverProcess(one);
      await other.query("begin"); // takes the connection that was given back last
      const others = await serverProcess(other);
      if (others === first) return true;
      if ((await serverProcess(one)) !== first) return true;
      await other.query("rollback");
    }
    return false;
  } finally {
    await other.query("rollback").catch(() => undefined);
    one.release();
    other.release();
  }
}

async function serverProcess(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}
