import type { Db, Trx } from "./connection.ts";

/** A link to a page of one member, with the files that the page starts from. */
export interface NewVisit {
  readonly id: string;
  readonly member: string;
  readonly tenant: string;
  /** The use case's own. */
  readonly document: object;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly inputs: readonly { readonly file: string; readonly bytes: number }[];
}

/** A visit as it is kept. */
export interface KeptVisit<Document> {
  readonly id: string;
  readonly document: Document;
  readonly madeAt: number;
  /** Undefined while the link was not used. */
  readonly openedAt: number | undefined;
  readonly sessionHash: string | undefined;
}

export async function addVisit(trx: Trx, visit: NewVisit): Promise<void> {
  const { id, member, tenant, document, madeAt, inputs } = visit;
  await trx
    .insertInto("visit")
    .values({
      ...{ id, member, tenant, document: JSON.stringify(document), made_at: madeAt },
      ...{ opened_at: null, session_hash: null },
    })
    .execute();
  const files = inputs.map(({ file, bytes }) => ({ visit: id, file, bytes }));
  if (files.length > 0) await trx.insertInto("visit_input").values(files).execute();
}

/** Deletes all but the newest visits of a member. */
export async function keepNewestVisits(trx: Trx, member: string, most: number): Promise<void> {
  const newest = trx.selectFrom("visit").select("id").where("member", "=", member);
  const kept = await newest.orderBy("made_at", "desc").orderBy("id").limit(most).execute();
  await trx
    .deleteFrom("visit")
    .where("member", "=", member)
    .where(
      "id",
      "not in",
      kept.map(({ id }) => id),
    )
    .execute();
}

export async function findVisit<Document>(db: Db, id: string): Promise<KeptVisit<Document> | undefined> {
  const row = await db.selectFrom("visit").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) return undefined;
  const { document, made_at: madeAt, opened_at: openedAt, session_hash: sessionHash } = row;
  return {
    ...{ id, document: JSON.parse(document) as Document, madeAt },
    ...{ openedAt: openedAt ?? undefined, sessionHash: sessionHash ?? undefined },
  };
}

/** Uses up the link of a visit; true for one alone of all who try, whatever process they ask. */
export async function openVisit(
  db: Db,
  { id, openedAt, sessionHash }: { readonly id: string; readonly openedAt: number; readonly sessionHash: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("visit")
    .set({ opened_at: openedAt, session_hash: sessionHash })
    .where("id", "=", id)
    .where("opened_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The visits of a member or a tenant, or those whose links were made until a moment. */
export type WhichVisits = { readonly member: string } | { readonly tenant: string } | { readonly madeUntil: number };

/** The files that visits start from. */
export async function visitInputs(db: Db, which: WhichVisits): Promise<{ readonly file: string }[]> {
  return db
    .selectFrom("visit_input")
    .innerJoin("visit", "visit.id", "visit_input.visit")
    .select("file")
    .where((e) => {
      if ("member" in which) return e("member", "=", which.member);
      return "tenant" in which ? e("tenant", "=", which.tenant) : e("made_at", "<=", which.madeUntil);
    })
    .execute();
}

export async function deleteVisits(db: Db | Trx, which: WhichVisits): Promise<void> {
  await db
    .deleteFrom("visit")
    .where((e) => {
      if ("member" in which) return e("member", "=", which.member);
      return "tenant" in which ? e("tenant", "=", which.tenant) : e("made_at", "<=", which.madeUntil);
    })
    .execute();
}

/** The open and past visits of a member that are still kept, oldest first. */
export async function visitsOf<Document>(db: Db, member: string): Promise<KeptVisit<Document>[]> {
  const rows = await db.selectFrom("visit").select("id").where("member", "=", member).orderBy("made_at").execute();
  const found = await Promise.all(rows.map(({ id }) => findVisit<Document>(db, id)));
  return found.filter((visit) => visit !== undefined);
}
