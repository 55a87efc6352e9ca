import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import type { Caller, Confirmation, Offer } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { inputsOf } from "../../jobs/job.ts";
import { findByInbound } from "../../jobs/queue.ts";
import type { Credits, Request } from "../../request.ts";
import {
  confirmationInputs,
  deleteConfirmation,
  deleteConfirmations,
  findConfirmation,
  keepConfirmation,
} from "../../store/confirmations.ts";
import type { Db, Trx } from "../../store/connection.ts";
import { discardUnneeded } from "./intake.ts";

/** How long a confirmation waits for its answer. */
const openMs = 3_600_000;

/** A request, and the price that the member was told for it. */
interface KeptOffer {
  readonly request: Request;
  readonly total: Credits;
  /** The requests of a batch; the price is of all of them. */
  readonly parts?: readonly KeptPart[] | undefined;
}

interface KeptPart {
  readonly request: Request;
  readonly parent?: string | undefined;
}

/** A confirmation as it is kept: whoever says yes gets this request, whatever was set since. */
export interface OpenConfirmation extends KeptOffer {
  readonly caller: Caller;
  readonly parent?: string | undefined;
  /** The sentence as it was written, when options were taken out of it. */
  readonly asWritten?: KeptOffer | undefined;
  readonly askedAt: number;
}

interface NewConfirmation extends Omit<Confirmation, "id"> {
  readonly parent?: string | undefined;
  /** The parts of a batch, as they are to be made. */
  readonly parts?: readonly KeptPart[] | undefined;
}

/**
 * Keeps a request whose files are here until its member answers. The same event asks for the same confirmation, unless it
 * comes to something else by now: then each is kept as it was shown, and the first to be answered makes the event's job.
 */
export async function askConfirmation(
  context: Context,
  { parent, parts, ...question }: NewConfirmation,
  caller: Caller,
): Promise<Confirmation> {
  const { words } = question;
  const asWritten = words?.asWritten && kept(words.asWritten);
  const offers = { ...kept(question), parts, asWritten };
  const id = confirmationId(caller.inbound, [offers, asWritten]);
  const askedAt = context.world.now();
  const asked: OpenConfirmation = { caller, parent, askedAt, ...offers };
  const confirmation = { id, member: caller.member, askedAt, document: asked, inputs: inputsOf(allFiles(offers)) };
  await context.database.transaction((trx) => keepConfirmation(trx, confirmation));
  return { id, ...question };
}

function kept({ request, quote }: Offer): KeptOffer {
  return { request, total: quote.total };
}

/** The files of all that may be made. */
function allFiles({ request, parts = [] }: KeptOffer): Pick<Request, "references"> {
  const requests = [request, ...parts.map((part) => part.request)];
  return { references: requests.flatMap(({ references, mask }) => (mask ? [...references, mask] : references)) };
}

/** Files are told apart by what is in them: each time that they are taken they get other names. */
function confirmationId(inbound: string, offers: readonly (KeptOffer | undefined)[]): string {
  const shown = offers.map((offer) => {
    if (!offer) return undefined;
    return [...[offer, ...(offer.parts ?? [])].map(({ request }) => bySight(request)), offer.total];
  });
  return createHash("sha256")
    .update(JSON.stringify([inbound, shown]))
    .digest("hex")
    .slice(0, 32);
}

function bySight({ references, mask, ...request }: Request): readonly unknown[] {
  return [request, references.map(({ sha256 }) => sha256), mask?.sha256];
}

/** The confirmation that the caller was asked for. Throws Refusal `confirmation-closed`, `confirmation-not-yours`. */
export async function openConfirmation(context: Context, id: string, caller: Caller): Promise<OpenConfirmation> {
  const asked = await findConfirmation<OpenConfirmation>(context.database.db, id);
  if (!asked || context.world.now() >= asked.askedAt + openMs) throw new Refusal("confirmation-closed", {});
  if (asked.caller.member !== caller.member) throw new Refusal("confirmation-not-yours", {});
  return asked;
}

/** Closes a confirmation: nothing is made. Throws Refusal. */
export async function reject(context: Context, id: string, caller: Caller): Promise<void> {
  const { caller: asker } = await openConfirmation(context, id, caller);
  const { db } = context.database;
  const files = await confirmationInputs(db, { id });
  await context.database.transaction(async (trx) => {
    await deleteConfirmation(trx, id); // first: whoever says yes at this moment waits for this, or is waited for
    if (await findByInbound(trx, asker.inbound)) throw new Refusal("confirmation-answered", {});
  });
  await discardUnneeded(context, files);
}

/** Deletes the confirmations of a member, or those of everybody whose time is over. */
export async function forgetConfirmations(db: Db | Trx, which: { member: string } | { now: number }): Promise<void> {
  await deleteConfirmations(db, "member" in which ? which : { askedUntil: which.now - openMs });
}
