import type { Database } from "./database.ts";
import { readSetting, writeSetting } from "./settings.ts";

const scope = "installation:";

/** What places gave the bot when they installed it, by key; sealed before it comes here. `now` in milliseconds since 1970. */
export function createInstallationStore(database: Database, now: () => number) {
  const { db } = database;
  return {
    get: (key: string): Promise<string | undefined> => readSetting<string>(db, scope + key),
    set: (key: string, sealed: string): Promise<void> =>
      database.transaction((trx) => writeSetting(trx, scope + key, sealed, now())),
    async delete(key: string): Promise<void> {
      await db
        .deleteFrom("setting")
        .where("id", "=", scope + key)
        .execute();
    },
    async list(prefix: string): Promise<{ key: string; sealed: string }[]> {
      const begin = scope + prefix;
      const rows = await db.selectFrom("setting").select(["id", "value"]).where("id", "like", `${begin}%`).execute();
      return rows.map(({ id, value }) => ({ key: id.slice(scope.length), sealed: JSON.parse(value) as string }));
    },
  };
}
