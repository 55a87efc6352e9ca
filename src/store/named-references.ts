import type { Db, Trx } from "./connection.ts";

/** Names one saved image. */
export interface ReferenceKey {
  /** The scope that it belongs to: `member:ID`, `tenant:ID`. */
  readonly owner: string;
  /** Where it was saved, and can be used. */
  readonly tenant: string;
  readonly foldedName: string;
}

/** A saved image as it is kept. */
export interface KeptReference<Image> extends ReferenceKey {
  readonly name: string;
  readonly image: Image;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** The origin of a saved image, and whose quota its bytes count against. */
export interface ReferenceOrigin {
  readonly member: string;
  /** Somebody else's result, which goes when its member deletes it. */
  readonly from?: { readonly author: string; readonly job: string } | undefined;
}

/** The saved images of these scopes in a tenant, by owner and name. */
export async function referencesIn<Image>(
  db: Db | Trx,
  owners: readonly string[],
  tenant: string,
): Promise<KeptReference<Image>[]> {
  const rows = await db
    .selectFrom("named_reference")
    .selectAll()
    .where("owner", "in", owners)
    .where("tenant", "=", tenant)
    .orderBy("owner")
    .orderBy("folded_name")
    .execute();
  return rows.map((row) => keptFrom(row));
}

/** The saved images of one scope, wherever they were saved. */
export async function referencesOf<Image>(db: Db | Trx, owner: string): Promise<KeptReference<Image>[]> {
  const rows = await db
    .selectFrom("named_reference")
    .selectAll()
    .where("owner", "=", owner)
    .orderBy("tenant")
    .orderBy("folded_name")
    .execute();
  return rows.map((row) => keptFrom(row));
}

/** Keeps an image in the place of the one of that name. */
export async function keepReference(
  trx: Trx,
  { owner, tenant, foldedName, name, image, savedAt }: KeptReference<{ readonly file: string; readonly bytes: number }>,
  { member, from }: ReferenceOrigin,
): Promise<void> {
  const { file, bytes } = image;
  const origin = { member, author: from?.author ?? null, job: from?.job ?? null };
  const changed = { name, document: JSON.stringify(image), file, bytes, saved_at: savedAt, ...origin };
  await trx
    .insertInto("named_reference")
    .values({ owner, tenant, folded_name: foldedName, ...changed })
    .onConflict((conflict) => conflict.columns(["owner", "tenant", "folded_name"]).doUpdateSet(changed))
    .execute();
}

export async function deleteReference(trx: Trx, { owner, tenant, foldedName }: ReferenceKey): Promise<void> {
  await trx
    .deleteFrom("named_reference")
    .where("owner", "=", owner)
    .where("tenant", "=", tenant)
    .where("folded_name", "=", foldedName)
    .execute();
}

/** Deletes the saved images of a scope, and what others saved of its member's results; the files that were theirs. */
export async function deleteReferencesOf(trx: Trx, scope: { owner: string; author: string }): Promise<FileOf[]> {
  return trx
    .deleteFrom("named_reference")
    .where((e) => e.or([e("owner", "=", scope.owner), e("author", "=", scope.author)]))
    .returning("file")
    .execute();
}

/** Deletes everything that was saved in a tenant. */
export async function deleteReferencesIn(trx: Trx, tenant: string): Promise<void> {
  await trx.deleteFrom("named_reference").where("tenant", "=", tenant).execute();
}

/** Deletes what others saved of a member's results. */
export async function deleteReferencesBy(trx: Trx, author: string): Promise<void> {
  await trx.deleteFrom("named_reference").where("author", "=", author).execute();
}

/** Deletes what others than its member saved of the images of a job. */
export async function deleteReferencesTo(trx: Trx, job: string): Promise<void> {
  await trx.deleteFrom("named_reference").where("job", "=", job).execute();
}

/** Somebody who is forgotten leaves images that were saved for a tenant under another name. */
export async function renameReferenceMember(trx: Trx, member: string, pseudonym: string): Promise<void> {
  await trx.updateTable("named_reference").set({ member: pseudonym }).where("member", "=", member).execute();
}

interface FileOf {
  readonly file: string;
}

interface Row {
  readonly owner: string;
  readonly tenant: string;
  readonly folded_name: string;
  readonly name: string;
  readonly document: string;
  readonly saved_at: number;
}

function keptFrom<Image>({ folded_name, document, saved_at, ...row }: Row): KeptReference<Image> {
  const { owner, tenant, name } = row;
  const image = JSON.parse(document) as Image;
  return { owner, tenant, name, foldedName: folded_name, image, savedAt: saved_at };
}
