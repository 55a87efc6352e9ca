import { createHash } from "node:crypto";
import type { Context } from "../context.ts";
import type { Caller, Confirmation, Draft, Files, JobView, Order, QuoteView } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { inputsOf } from "../jobs/job.ts";
import { baseFor } from "../policy/defaults.ts";
import { allowanceOf } from "../policy/rules.ts";
import type { Credits, Request } from "../request.ts";
import { deleteConfirmation, deleteConfirmations, findConfirmation, keepConfirmation } from "../store/confirmations.ts";
import type { Db, Trx } from "../store/connection.ts";
import { editBase, presentJob, repetition, requireFiles } from "./edit.ts";
import { requestFrom } from "./imagine.ts";
import { estimateRequest, needsConfirmation, quoteRequest } from "./quote.ts";
import { earlierJob, submit } from "./submit.ts";

/** How long a question waits for its answer. */
const openMs = 3_600_000;

/** A question as it is kept: whoever says yes gets this request, whatever was set since. */
interface Pending {
  readonly caller: Caller;
  readonly request: Request;
  readonly parent?: string | undefined;
  /** What the member was told. */
  readonly total: Credits;
  readonly askedAt: number;
}

/** What is wished for, as far as it is known before its files are here. */
interface ResolvedOrder {
  readonly base: Request;
  readonly draft?: Draft;
  readonly parent?: string;
}

/**
 * Asks before more is spent than the member spends without being asked: its files are taken, but nothing is held or
 * queued. Undefined when it may be made at once. The same event asks the same question. Throws Refusal.
 */
export async function requestConfirmation(
  context: Context,
  order: Order,
  caller: Caller,
): Promise<Confirmation | undefined> {
  if (await earlierJob(context, caller)) return undefined;
  const { base, draft, parent } = await resolveOrder(context, order, caller);
  const rough = draft ? estimateRequest(base, draft, filesOf(draft)) : base;
  if (!(await needsConfirmation(context, context.router.route(rough).quote.total, caller))) return undefined;
  const request = draft ? await requestFrom(context, draft, base, caller) : base;
  const price = await quoteRequest(context, request, caller);
  if (price.after < 0) await refuseUnaffordable(context, price, caller);
  const id = createHash("sha256").update(caller.inbound).digest("hex").slice(0, 32);
  const askedAt = context.world.now();
  const asked: Pending = { caller, request, parent, total: price.total, askedAt };
  const confirmation = { id, member: caller.member, askedAt, document: asked, inputs: inputsOf(request) };
  await context.database.transaction((trx) => keepConfirmation(trx, confirmation));
  return { id, request, quote: price };
}

/** The request that the caller was asked about. Throws Refusal `question-closed`, `question-not-yours`. */
export async function openConfirmation(context: Context, id: string, caller: Caller): Promise<Pending> {
  const asked = await findConfirmation<Pending>(context.database.db, id);
  if (!asked || context.world.now() >= asked.askedAt + openMs) throw new Refusal("question-closed", {});
  if (asked.caller.member !== caller.member) throw new Refusal("question-not-yours", {});
  return asked;
}

/** Yes: makes it as it was asked for, once, for no more than was told. Throws Refusal. */
export async function confirm(context: Context, id: string, answering: Caller): Promise<JobView> {
  const { request, parent, total: told, caller: asker } = await openConfirmation(context, id, answering);
  const caller: Caller = { ...asker, replyTarget: answering.replyTarget };
  const earlier = await earlierJob(context, caller);
  if (earlier) return earlier;
  if (parent !== undefined) await presentJob(context, parent, caller);
  await requireFiles(context, request);
  const { total } = context.router.route(request).quote;
  if (total > told) throw new Refusal("price-risen", { told, total });
  return submit(context, request, caller, parent);
}

/** No: closes the question. Throws Refusal. */
export async function reject(context: Context, id: string, caller: Caller): Promise<void> {
  const { caller: asker } = await openConfirmation(context, id, caller);
  if (await earlierJob(context, asker)) throw new Refusal("question-answered", {});
  await deleteConfirmation(context.database.db, id);
}

/** Deletes a member's questions or, of everybody's, those whose time is over. */
export async function forgetConfirmations(db: Db | Trx, which: { member: string } | { now: number }): Promise<void> {
  await deleteConfirmations(db, "member" in which ? which : { askedUntil: which.now - openMs });
}

/** What the new one is like where its draft is silent, and what it comes from; without a draft, that is all of it. */
async function resolveOrder(context: Context, order: Order, caller: Caller): Promise<ResolvedOrder> {
  if ("how" in order) {
    const { job, request: base } = await repetition(context, order.how, order.of, caller);
    return { base, parent: job.id };
  }
  const { draft, of } = order;
  if (!of) return { base: { ...(await baseFor(context, caller)), prompt: "" }, draft };
  const { job, request: base } = await editBase(context, of, caller);
  return { base, draft, parent: job.id };
}

function filesOf({ images = [], mask }: Draft): Files {
  return { references: images.length, masked: mask !== undefined };
}

async function refuseUnaffordable(
  { credits, database }: Context,
  { total: needed }: QuoteView,
  caller: Caller,
): Promise<never> {
  const allowance = await allowanceOf(database.db, caller);
  const { available, renewsAt } = await credits.statement(caller.member, 0, allowance);
  throw new Refusal("not-enough-credits", { needed, available, renewsAt });
}
