import { randomUUID } from "node:crypto";
import pg from "pg";

const channel = "atelier_queue";
const relistenMs = 2000;

/**
 * Sends notices to the other processes on this database, and listens to theirs on one connection that comes back when it
 * breaks; polling covers the gap.
 */
export function createNotices(pool: pg.Pool, options: pg.ClientConfig) {
  const sender = randomUUID();
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  async function listen(heard: (job: string) => void, again = false): Promise<void> {
    const mine = new pg.Client(options);
    client = mine;
    let gone = false;
    const lost = () => {
      if (gone || closed) return; // it breaks once, however often it says so
      gone = true;
      void mine.end().catch(() => undefined);
      timer = setTimeout(() => void listen(heard, true), relistenMs);
    };
    mine.on("error", lost);
    mine.on("end", lost);
    mine.on("notification", ({ payload = "" }) => {
      const [from, job = ""] = payload.split(" ");
      if (from !== sender) heard(job);
    });
    await mine
      .connect()
      .then(() => mine.query(`listen ${channel}`))
      .then(() => (again ? heard("") : undefined)) // a notice may have been sent meanwhile
      .catch(lost);
  }
  return {
    async send(job: string): Promise<void> {
      await pool.query("select pg_notify($1, $2)", [channel, `${sender} ${job}`]);
    },
    listen: (heard: (job: string) => void) => listen(heard),
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
