import type { Context } from "../../context.ts";
import type { Caller, VisitedPage, VisitPage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { requireAllowedTenant } from "../../policy/allowed-tenants.ts";
import { addVisit, keepNewestVisits } from "../../store/visits.ts";
import { type OrderIntake, openIntake } from "../submit/intake.ts";
import { paintedImage } from "./image.ts";
import { linkLifeMs, type VisitDocument } from "./session.ts";

/** Links and pages of one member at a time; a new one takes the place of the oldest. */
const mostVisits = 50;

/** Writes down where a link leads and for whom, and signs it. Throws Refusal. */
export async function offerVisit(context: Context, page: VisitPage, caller: Caller): Promise<string> {
  const { visitLinks: links, world } = context;
  if (!links) throw new Refusal("no-pages", {});
  requireAllowedTenant(context, caller);
  const intake = openIntake(context, caller.member);
  try {
    const id = world.secret(16);
    const madeAt = world.now();
    await keepVisit(context, { id, madeAt, page: await pageOf(context, page, intake, caller), caller });
    await intake.keep();
    return links.sign({ id, until: madeAt + linkLifeMs });
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

async function pageOf(context: Context, page: VisitPage, intake: OrderIntake, caller: Caller): Promise<VisitedPage> {
  if (page.kind === "gallery") return page;
  if (page.kind === "paint-file") return { kind: page.kind, image: await intake.take(page.file) };
  const of = { job: page.of.job, index: page.of.index ?? 0 };
  await paintedImage(context, of, caller);
  return { kind: page.kind, of };
}

interface NewDocument extends VisitDocument {
  readonly id: string;
  readonly madeAt: number;
}

async function keepVisit({ database }: Context, { id, madeAt, page, caller }: NewDocument): Promise<void> {
  const { rights: _, ...member } = caller; // a page is for the member's own things, whatever the member may manage
  const document: VisitDocument = { page, caller: member };
  const inputs = page.kind === "paint-file" ? [page.image] : [];
  const kept = { id, member: caller.member, tenant: caller.tenant, document, madeAt, inputs };
  await database.transaction(async (trx) => {
    await addVisit(trx, kept);
    await keepNewestVisits(trx, caller.member, mostVisits);
  });
}
