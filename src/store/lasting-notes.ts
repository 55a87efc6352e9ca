import type { Cache } from "../world.ts";
import type { Db } from "./connection.ts";
import { readSetting } from "./settings.ts";

interface Note {
  readonly value: unknown;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Small facts that outlive a restart and are shared by all processes on this database, until their time is over. */
export function createLastingNotes(db: Db, now: () => number): Cache {
  const idOf = (key: string) => `note:${key}`;
  return {
    async get<Value>(key: string) {
      const note = await readSetting<Note>(db, idOf(key));
      return note && note.until > now() ? (note.value as Value) : undefined;
    },
    async set(key, value, ttlMs) {
      const at = now();
      const row = { value: JSON.stringify({ value, until: at + ttlMs } satisfies Note), changed_at: at };
      await db
        .insertInto("setting")
        .values({ id: idOf(key), ...row })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
        .execute();
    },
    async delete(key) {
      await db.deleteFrom("setting").where("id", "=", idOf(key)).execute();
    },
  };
}
