import type { Context } from "../../context.ts";
import type { Caller, Order, SubmitOptions, Submitted, UseCases } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { createTurns } from "../../flow/turns.ts";
import { partsOf } from "../../jobs/batches.ts";
import type { Job } from "../../jobs/job.ts";
import { requireAllowedTenant } from "../../policy/allowed-tenants.ts";
import type { Settings } from "../../policy/documents.ts";
import { shownBatch } from "../../views/batch-view.ts";
import { viewOf } from "../../views/job-view.ts";
import { type Acceptance, acceptJob } from "./accept-job.ts";
import { wordsTaken } from "./as-written.ts";
import { askConfirmation, openConfirmation } from "./confirmations.ts";
import { presentJob, requireFiles } from "./derive-request.ts";
import { type OrderIntake, openIntake } from "./intake.ts";
import { type Proposal, propose, proposeFirst, readFacts, refuseUnasked } from "./propose.ts";
import { proposeBatch } from "./propose-batch.ts";
import { resolveBatch } from "./resolve-batch.ts";
import { filesOf, type NewOrder, resolveChoices } from "./resolve-order.ts";
import { askForBatch, submitConfirmedBatch } from "./submit-batch.ts";
import { noted, takeFiles } from "./take-files.ts";

/** The one door for everything that makes a job; see UseCases.submit. */
export function createSubmit(context: Context): UseCases["submit"] {
  const intakes = createTurns();
  return async (order, caller, options = {}) => {
    requireAllowedTenant(context, caller);
    if (order.kind === "confirmation") return submitConfirmed(context, order, caller, options);
    const submit = () => submitOrder(context, order, caller, options);
    const { references, masked } = filesOf(order);
    // A member's files are fetched for one order at a time: the next one is looked at when the credits of this are held.
    return references > 0 || masked ? intakes.take(caller.member, submit) : submit();
  };
}

async function submitOrder(
  context: Context,
  order: NewOrder,
  caller: Caller,
  options: SubmitOptions,
): Promise<Submitted> {
  const { earlier, settings } = await readFacts(context, caller);
  if (earlier) return submitted(context, earlier);
  const batch = await resolveBatch(context, order, caller, settings);
  if (batch) {
    const proposal = await proposeBatch(context, batch, caller, settings);
    return withIntake(context, caller, (intake) => askForBatch(context, { proposal, order, intake, settings }, caller));
  }
  const choices = await resolveChoices(context, order, caller, settings);
  const proposal = await proposeFirst(context, choices, caller, settings);
  return withIntake(context, caller, (intake) =>
    submitProposal(context, { proposal, order, intake, settings }, caller, options),
  );
}

/** Files are kept when the order came to something, and gone at once when it did not. */
async function withIntake(
  context: Context,
  { member }: Caller,
  work: (intake: OrderIntake) => Promise<Submitted>,
): Promise<Submitted> {
  const intake = openIntake(context, member);
  try {
    const made = await work(intake);
    await intake.keep();
    return made;
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

interface Proposed {
  readonly proposal: Proposal;
  readonly order: NewOrder;
  readonly intake: OrderIntake;
  readonly settings: Settings;
}

/** Takes the files of an order that could be accepted, and makes a job of it, or asks first. */
async function submitProposal(
  context: Context,
  { proposal, order, intake, settings }: Proposed,
  caller: Caller,
  options: SubmitOptions,
): Promise<Submitted> {
  const { request, route, quote, parent } = proposal;
  if (options.unattended) refuseUnasked(proposal, settings, caller);
  const files = await takeFiles(intake, order, request);
  const asked = { ...request, ...files };
  const acceptance = { request: asked, route: { ...route, request: { ...route.request, ...files } }, parent };
  if (options.unattended) return announceAndAccept(context, acceptance, caller, options);
  const words = await wordsTaken(context, { order, files, available: quote.available }, caller, settings);
  const asks = quote.confirm || order.kind === "final"; // a button cannot tell the price at the moment it is pressed
  const isUnread = proposal.isDoubtful && !options.sawNotes;
  if (words || isUnread || (asks && !options.confirmed)) {
    const question = { request: asked, quote: noted(quote, asked), words, parent };
    return { kind: "confirmation", confirmation: await askConfirmation(context, question, caller) };
  }
  return announceAndAccept(context, acceptance, caller, options);
}

/** Makes what was confirmed, as it was asked for, once, for no more than the confirmation said. */
async function submitConfirmed(
  context: Context,
  { id, asWritten = false }: Extract<Order, { kind: "confirmation" }>,
  answering: Caller,
  options: SubmitOptions,
): Promise<Submitted> {
  const open = await openConfirmation(context, id, answering);
  const { parent, caller: asker } = open;
  const { earlier, settings } = await readFacts(context, asker);
  if (earlier) return submitted(context, earlier);
  const offered = asWritten ? open.asWritten : open;
  if (!offered) throw new Refusal("confirmation-closed", {}); // it never offered that
  const announce = options.announce ?? (async () => answering.replyTarget);
  if ("parts" in offered && offered.parts) {
    const { parts, total } = offered;
    return submitConfirmedBatch(context, { confirmation: id, parts, total, settings }, asker, { announce });
  }
  const { request, total: confirmed } = offered;
  if (parent !== undefined) await presentJob(context, parent, asker);
  await requireFiles(context, request);
  const { route, quote } = await propose(context, { request, parent }, asker, settings);
  if (quote.total > confirmed) throw new Refusal("price-risen", { confirmed, total: quote.total });
  return announceAndAccept(context, { request, route, parent, confirmation: id }, asker, { announce });
}

async function announceAndAccept(
  context: Context,
  acceptance: Acceptance,
  caller: Caller,
  { announce }: SubmitOptions,
): Promise<Submitted> {
  const { replyTarget } = caller;
  const { request, route } = acceptance;
  const announced = (await announce?.({ private: request.private, replyTarget })) ?? replyTarget;
  const announcedJob = { ...acceptance, route: { ...route, quote: noted(route.quote, request) } };
  return { kind: "job", job: await acceptJob(context, announcedJob, { ...caller, replyTarget: announced }) };
}

async function submitted(context: Context, job: Job): Promise<Submitted> {
  if (job.batch === undefined) return { kind: "job", job: await viewOf(context, job) };
  return { kind: "batch", batch: await shownBatch(context, await partsOf(context.database.db, job.batch)) };
}
