import type { Db, Trx } from "./connection.ts";

/** A file that a style starts from. */
interface StyleInput {
  readonly file: string;
  /** Whose quota it counts against. */
  readonly member: string;
  /** 0 for what the bot made itself. */
  readonly bytes: number;
}

/** A style as it is kept. */
export interface KeptStyle<Document> {
  /** The scope that it belongs to: `member:ID`, `tenant:ID`. */
  readonly owner: string;
  readonly foldedName: string;
  readonly name: string;
  readonly document: Document;
}

/** The channel under which the default of all channels is kept. */
const everywhere = "";

/** The styles of these scopes, by name. */
export async function stylesOf<Document>(db: Db | Trx, owners: readonly string[]): Promise<KeptStyle<Document>[]> {
  const rows = await db
    .selectFrom("style")
    .selectAll()
    .where("owner", "in", owners)
    .orderBy("owner")
    .orderBy("folded_name")
    .execute();
  return rows.map((row) => keptFrom(row));
}

/** The styles of that name in these scopes. */
export async function stylesNamed<Document>(
  db: Db | Trx,
  owners: readonly string[],
  foldedName: string,
): Promise<KeptStyle<Document>[]> {
  const rows = await db
    .selectFrom("style")
    .selectAll()
    .where("owner", "in", owners)
    .where("folded_name", "=", foldedName)
    .execute();
  return rows.map((row) => keptFrom(row));
}

/** Keeps a style in the place of the one of that name, and the files that it starts from. */
export async function keepStyle(
  trx: Trx,
  { owner, foldedName, name, document }: KeptStyle<object>,
  inputs: readonly StyleInput[],
  now: number,
): Promise<void> {
  const changed = { name, document: JSON.stringify(document), changed_at: now };
  const key = { owner, folded_name: foldedName };
  await trx
    .insertInto("style")
    .values({ ...key, ...changed })
    .onConflict((conflict) => conflict.columns(["owner", "folded_name"]).doUpdateSet(changed))
    .execute();
  await trx.deleteFrom("style_input").where("owner", "=", owner).where("folded_name", "=", foldedName).execute();
  const files = inputs.map((input) => ({ ...key, ...input }));
  if (files.length > 0) await trx.insertInto("style_input").values(files).execute();
}

/** Deletes one style of a scope; false when there was none. */
export async function deleteStyle(trx: Trx, owner: string, foldedName: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("style")
    .where("owner", "=", owner)
    .where("folded_name", "=", foldedName)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Deletes all styles of a scope, with its defaults. */
export async function deleteStyles(db: Db | Trx, owner: string): Promise<void> {
  await db.deleteFrom("style").where("owner", "=", owner).execute();
}

/** Somebody who is forgotten leaves files in the styles of a tenant under another name. */
export async function renameStyleMember(trx: Trx, member: string, pseudonym: string): Promise<void> {
  await trx.updateTable("style_input").set({ member: pseudonym }).where("member", "=", member).execute();
}

/** The files that the styles of a scope start from. */
export async function styleInputs(db: Db | Trx, owner: string): Promise<{ readonly file: string }[]> {
  return db.selectFrom("style_input").select("file").where("owner", "=", owner).execute();
}

/** The default style of a channel, else that of its whole tenant. */
export async function defaultStyle<Document>(
  db: Db | Trx,
  owner: string,
  channel = everywhere,
): Promise<KeptStyle<Document> | undefined> {
  const rows = await db
    .selectFrom("style_default")
    .innerJoin("style", (join) =>
      join
        .onRef("style.owner", "=", "style_default.owner")
        .onRef("style.folded_name", "=", "style_default.folded_name"),
    )
    .selectAll("style")
    .select("channel")
    .where("style_default.owner", "=", owner)
    .where("channel", "in", [channel, everywhere])
    .execute();
  const found = rows.find((row) => row.channel === channel) ?? rows[0];
  return found && keptFrom(found);
}

/** The names of a tenant's default styles, by channel; undefined is the whole tenant. */
export async function styleDefaults(
  db: Db | Trx,
  owner: string,
): Promise<{ readonly foldedName: string; readonly channel: string | undefined }[]> {
  const rows = await db.selectFrom("style_default").selectAll().where("owner", "=", owner).orderBy("channel").execute();
  return rows.map(({ folded_name, channel }) => ({
    foldedName: folded_name,
    channel: channel === everywhere ? undefined : channel,
  }));
}

/** Makes a style the default of a channel, or of the whole tenant; without one, takes the default away. */
export async function setStyleDefault(
  trx: Trx,
  owner: string,
  { channel = everywhere, foldedName }: { channel?: string | undefined; foldedName: string | undefined },
): Promise<void> {
  await trx.deleteFrom("style_default").where("owner", "=", owner).where("channel", "=", channel).execute();
  if (foldedName === undefined) return;
  await trx.insertInto("style_default").values({ owner, channel, folded_name: foldedName }).execute();
}

interface Row {
  readonly owner: string;
  readonly folded_name: string;
  readonly name: string;
  readonly document: string;
}

function keptFrom<Document>({ owner, folded_name, name, document }: Row): KeptStyle<Document> {
  return { owner, foldedName: folded_name, name, document: JSON.parse(document) as Document };
}
