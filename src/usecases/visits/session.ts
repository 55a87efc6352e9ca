import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "../../context.ts";
import type { Caller, OfferedVisit, Visit, VisitedPage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { requireAllowedTenant } from "../../policy/allowed-tenants.ts";
import type { Db, Trx } from "../../store/connection.ts";
import { deleteVisits, findVisit, type KeptVisit, openVisit } from "../../store/visits.ts";

/** A link is valid for so long. */
export const linkLifeMs = 15 * 60_000;
/** A page that was opened can be used for so long. */
const stayMs = 60 * 60_000;

/** A visit as it is kept. */
export interface VisitDocument {
  readonly page: VisitedPage;
  readonly caller: Caller;
}

type Kept = KeptVisit<VisitDocument>;

export async function lookAtLink(context: Context, token: string): Promise<OfferedVisit> {
  const { page, caller } = (await unusedVisit(context, token)).document;
  return { kind: page.kind, name: caller.name };
}

export async function openLink(context: Context, token: string, session: string): Promise<Visit> {
  const { id, document } = await unusedVisit(context, token);
  requireAllowedTenant(context, document.caller);
  const openedAt = context.world.now();
  const isFirst = await openVisit(context.database.db, { id, openedAt, sessionHash: hashOf(session) });
  if (!isFirst) throw new Refusal("link-used", {});
  return { id, ...document, until: openedAt + stayMs };
}

export async function findOwnVisit(context: Context, id: string, session: string | undefined): Promise<Visit> {
  const { database, world } = context;
  const kept = await findVisit<VisitDocument>(database.db, id);
  const until = kept?.openedAt === undefined ? 0 : kept.openedAt + stayMs;
  if (!kept?.sessionHash || world.now() >= until) throw new Refusal("visit-over", {});
  if (session === undefined || !isSame(kept.sessionHash, hashOf(session))) throw new Refusal("visit-not-yours", {});
  requireAllowedTenant(context, kept.document.caller);
  return { id, ...kept.document, until };
}

/** Deletes the visits whose time is over. */
export async function forgetVisits(db: Db | Trx, now: number): Promise<void> {
  await deleteVisits(db, { madeUntil: now - linkLifeMs - stayMs });
}

/** Throws Refusal `link-unknown`, `link-used`, `link-late`. */
async function unusedVisit({ visitLinks, database, world }: Context, token: string): Promise<Kept> {
  const link = visitLinks?.read(token);
  if (!link) throw new Refusal("link-unknown", {});
  if (world.now() >= link.until) throw new Refusal("link-late", {});
  const kept = await findVisit<VisitDocument>(database.db, link.id);
  if (!kept) throw new Refusal("link-late", {}); // its member was forgotten, or its tenant is gone
  if (kept.openedAt !== undefined) throw new Refusal("link-used", {});
  return kept;
}

function hashOf(session: string): string {
  return createHash("sha256").update(session).digest("hex");
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
