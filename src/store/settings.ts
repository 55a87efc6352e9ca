import type { Db, Trx } from "./connection.ts";

/** The document of a scope (`operator`, `tenant:ID`, `member:ID`), as it was written; undefined when there is none. */
export async function readSetting<T>(db: Db | Trx, id: string): Promise<T | undefined> {
  const row = await db.selectFrom("setting").select("value").where("id", "=", id).executeTakeFirst();
  return row && (JSON.parse(row.value) as T);
}

/** The documents with these ids that there are, in one query. */
export async function readSettings(db: Db | Trx, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const rows = await db.selectFrom("setting").select(["id", "value"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, value }) => [id, JSON.parse(value)]));
}

/** Writes a whole document, in the place of what was there; `undefined` is unset. `now` in milliseconds since 1970. */
export async function writeSetting(trx: Trx, id: string, value: unknown, now: number): Promise<void> {
  const text = JSON.stringify(value);
  await trx
    .insertInto("setting")
    .values({ id, value: text, changed_at: now })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ value: text, changed_at: now }))
    .execute();
}
