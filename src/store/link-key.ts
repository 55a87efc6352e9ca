import type { Db } from "./connection.ts";

const name = "link-key";
const mark = "sealed:";

/** Seals what is kept in the database under a secret of the environment. */
interface Seal {
  seal(plain: string): string;
  /** Undefined when it was sealed under another secret. */
  open(sealed: string): string | undefined;
}

interface Fresh {
  /** Kept when there is no key yet. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The secret that links to images are signed with. It is in the database because whoever makes a link and whoever
 * answers it are different processes; with a seal it is not readable there, and one from before is sealed now. Throws
 * when it is sealed, and not by this seal.
 */
export async function linkKey(db: Db, { key, now }: Fresh, seal?: Seal): Promise<string> {
  const kept = (plain: string) => (seal ? mark + seal.seal(plain) : plain);
  await db
    .insertInto("secret")
    .values({ name, value: kept(key), made_at: now })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const { value } = await db.selectFrom("secret").select("value").where("name", "=", name).executeTakeFirstOrThrow();
  if (value.startsWith(mark)) return opened(value.slice(mark.length), seal);
  if (seal) {
    const sealed = { value: kept(value) };
    await db.updateTable("secret").set(sealed).where("name", "=", name).where("value", "=", value).execute();
  }
  return value;
}

function opened(sealed: string, seal: Seal | undefined): string {
  const plain = seal?.open(sealed);
  if (plain !== undefined) return plain;
  throw new Error(
    "The key of links in the database is sealed: set SEAL_SECRET to what it was sealed with, or delete the row link-key of the table secret, which ends all links that were given out.",
  );
}
