import type { Db } from "./connection.ts";

const name = "link-key";

/**
 * The secret that links to images are signed with. It is in the database because whoever makes a link and whoever
 * answers it are different processes, which share that and need not share any token. `fresh` is kept when it is the
 * first; `now` in milliseconds since 1970.
 */
export async function linkKey(db: Db, fresh: string, now: number): Promise<string> {
  await db
    .insertInto("secret")
    .values({ name, value: fresh, made_at: now })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const row = await db.selectFrom("secret").select("value").where("name", "=", name).executeTakeFirst();
  return row?.value ?? fresh;
}
