import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import type { Caller, Confirmation } from "../../contract/usecases.ts";
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
import type { Proposal } from "./propose.ts";

/** How long a confirmation waits for its answer. */
const openMs = 3_600_000;

/** A confirmation as it is kept: whoever says yes gets this request, whatever was set since. */
export interface OpenConfirmation {
  readonly caller: Caller;
  readonly request: Request;
  readonly parent?: string | undefined;
  /** The price that the member was told. */
  readonly total: Credits;
  readonly askedAt: number;
}

/** Keeps a request whose files are here until its member answers. The same event asks for the same confirmation. */
export async function askConfirmation(
  context: Context,
  { request, parent, quote }: Omit<Proposal, "route">,
  caller: Caller,
): Promise<Confirmation> {
  const id = createHash("sha256").update(caller.inbound).digest("hex").slice(0, 32);
  const askedAt = context.world.now();
  const asked: OpenConfirmation = { caller, request, parent, total: quote.total, askedAt };
  const confirmation = { id, member: caller.member, askedAt, document: asked, inputs: inputsOf(request) };
  await context.database.transaction((trx) => keepConfirmation(trx, confirmation));
  return { id, request, quote };
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
  if (await findByInbound(context.database.db, asker.inbound)) throw new Refusal("confirmation-answered", {});
  const files = await confirmationInputs(context.database.db, { id });
  await deleteConfirmation(context.database.db, id);
  await discardUnneeded(context, files);
}

/** Deletes the confirmations of a member, or those of everybody whose time is over. */
export async function forgetConfirmations(db: Db | Trx, which: { member: string } | { now: number }): Promise<void> {
  await deleteConfirmations(db, "member" in which ? which : { askedUntil: which.now - openMs });
}
