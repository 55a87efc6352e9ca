import type { Database } from "./database.ts";

/** Keeps the credentials of installations by key; they are sealed before they come here. `now` in milliseconds since 1970. */
export function createInstallationStore({ db }: Database, now: () => number) {
  return {
    async get(key: string): Promise<string | undefined> {
      const row = await db.selectFrom("installation").select("sealed").where("id", "=", key).executeTakeFirst();
      return row?.sealed;
    },
    async set(key: string, sealed: string): Promise<void> {
      const changed = { sealed, changed_at: now() };
      await db
        .insertInto("installation")
        .values({ id: key, ...changed })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(changed))
        .execute();
    },
    async delete(key: string): Promise<void> {
      await db.deleteFrom("installation").where("id", "=", key).execute();
    },
    async list(prefix: string): Promise<{ key: string; sealed: string }[]> {
      const end = `${prefix}\u{10ffff}`;
      return db
        .selectFrom("installation")
        .select(["id as key", "sealed"])
        .where("id", ">=", prefix)
        .where("id", "<", end)
        .orderBy("id")
        .execute();
    },
  };
}
