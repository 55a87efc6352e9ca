import type { Db } from "./connection.ts";
import { readSetting } from "./settings.ts";

const id = "link-key";

/**
 * The secret that links to images are signed with. It is in the database because whoever makes a link and whoever
 * answers it are different processes, which share that and need not share any token. `fresh` is kept when it is the
 * first; `now` in milliseconds since 1970.
 */
export async function linkKey(db: Db, fresh: string, now: number): Promise<string> {
  const value = JSON.stringify(fresh);
  await db
    .insertInto("setting")
    .values({ id, value, changed_at: now })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  return (await readSetting<string>(db, id)) ?? fresh;
}
