import type { Db, Trx } from "./connection.ts";

/** A request that waits for its member's yes, with the files that it starts from. */
export interface NewConfirmation {
  readonly id: string;
  readonly member: string;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  /** The use case's own. */
  readonly document: object;
  readonly inputs: readonly { readonly file: string; readonly bytes: number }[];
}

/** Keeps a confirmation in the place of an earlier one of that id. */
export async function keepConfirmation(trx: Trx, confirmation: NewConfirmation): Promise<void> {
  const { id, member, askedAt, document, inputs } = confirmation;
  await deleteConfirmation(trx, id);
  await trx
    .insertInto("confirmation")
    .values({ id, member, asked_at: askedAt, document: JSON.stringify(document) })
    .execute();
  const files = inputs.map((input) => ({ ...input, confirmation: id }));
  if (files.length > 0) await trx.insertInto("confirmation_input").values(files).execute();
}

/** The document of a confirmation, as it was kept; undefined when there is none. */
export async function findConfirmation<Document>(db: Db | Trx, id: string): Promise<Document | undefined> {
  const row = await db.selectFrom("confirmation").select("document").where("id", "=", id).executeTakeFirst();
  return row && (JSON.parse(row.document) as Document);
}

/** The files of a member's confirmations, or of one. */
export async function confirmationInputs(
  db: Db | Trx,
  which: { readonly member: string } | { readonly id: string },
): Promise<{ readonly file: string }[]> {
  return db
    .selectFrom("confirmation_input")
    .innerJoin("confirmation", "confirmation.id", "confirmation_input.confirmation")
    .select("file")
    .where((e) => ("member" in which ? e("member", "=", which.member) : e("id", "=", which.id)))
    .execute();
}

/** Keeps a confirmation from being deleted until the transaction ends; false when it is gone. */
export async function lockConfirmation(trx: Trx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("confirmation")
    .set((e) => ({ asked_at: e.ref("asked_at") }))
    .where("id", "=", id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteConfirmation(db: Db | Trx, id: string): Promise<void> {
  await db.deleteFrom("confirmation").where("id", "=", id).execute();
}

/** Deletes the confirmations of a member, or all that were asked for until a moment. */
export async function deleteConfirmations(
  db: Db | Trx,
  which: { readonly member: string } | { readonly askedUntil: number },
): Promise<void> {
  await db
    .deleteFrom("confirmation")
    .where((e) => ("member" in which ? e("member", "=", which.member) : e("asked_at", "<=", which.askedUntil)))
    .execute();
}
