import { createHash } from "node:crypto";
import type { Room } from "../context.ts";
import type { Caller, Draft, Files, JobView, Question, QuoteView, Wish } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { baseFor } from "../policy/defaults.ts";
import { documentsOf, forgetDocument } from "../policy/documents.ts";
import { allowanceOf } from "../policy/rules.ts";
import type { Credits, Request } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import { readSetting, writeSetting } from "../store/settings.ts";
import { editBase, presentJob, repetition, requireFiles } from "./edit.ts";
import { requestFrom } from "./imagine.ts";
import { isDear, priceOf, roughRequest } from "./quote.ts";
import { earlierJob, submit } from "./submit.ts";

/** How long a question waits for its answer. */
const openMs = 3_600_000;

/** A question as it is kept: whoever says yes gets this request, whatever was set since. */
interface Asked {
  readonly caller: Caller;
  readonly request: Request;
  readonly parent?: string | undefined;
  /** What the member was told. */
  readonly total: Credits;
  readonly askedAt: number;
}

/** What is wished for, as far as it is known before its files are here. */
interface Wished {
  readonly base: Request;
  readonly draft?: Draft;
  readonly parent?: string;
}

const prefix = "question:";

/**
 * Asks before more is spent than the member spends without being asked: its files are taken, but nothing is held or
 * queued. Undefined when it may be made at once. The same event asks the same question. Throws Refusal.
 */
export async function ask(room: Room, wish: Wish, caller: Caller): Promise<Question | undefined> {
  if (await earlierJob(room, caller)) return undefined;
  const { base, draft, parent } = await wished(room, wish, caller);
  const rough = draft ? roughRequest(base, draft, filesOf(draft)) : base;
  if (!(await isDear(room, room.router.route(rough).quote.total, caller))) return undefined;
  const request = draft ? await requestFrom(room, draft, base, caller) : base;
  const price = await priceOf(room, request, caller);
  if (price.after < 0) await refuseTooDear(room, price, caller);
  const id = createHash("sha256").update(caller.inbound).digest("hex").slice(0, 32);
  const askedAt = room.world.now();
  const asked: Asked = { caller, request, parent, total: price.total, askedAt };
  await room.database.transaction((trx) => writeSetting(trx, prefix + id, asked, askedAt));
  return { id, request, quote: price };
}

/** The request that the caller was asked about. Throws Refusal `question-closed`, `question-not-yours`. */
export async function openQuestion(room: Room, id: string, caller: Caller): Promise<Asked> {
  const asked = await readSetting<Asked>(room.database.db, prefix + id);
  if (!asked || room.world.now() >= asked.askedAt + openMs) throw new Refusal("question-closed", {});
  if (asked.caller.member !== caller.member) throw new Refusal("question-not-yours", {});
  return asked;
}

/** Yes: makes it as it was asked for, once, for no more than was told. Throws Refusal. */
export async function accept(room: Room, id: string, answering: Caller): Promise<JobView> {
  const { request, parent, total: told, caller: asker } = await openQuestion(room, id, answering);
  const caller: Caller = { ...asker, place: answering.place };
  const earlier = await earlierJob(room, caller);
  if (earlier) return earlier;
  if (parent !== undefined) await presentJob(room, parent, caller);
  await requireFiles(room, request);
  const { total } = room.router.route(request).quote;
  if (total > told) throw new Refusal("price-risen", { told, total });
  return submit(room, request, caller, parent);
}

/** No: closes the question. Throws Refusal. */
export async function decline(room: Room, id: string, caller: Caller): Promise<void> {
  const { caller: asker } = await openQuestion(room, id, caller);
  if (await earlierJob(room, asker)) throw new Refusal("question-answered", {});
  await forgetDocument(room.database.db, prefix + id);
}

/** Deletes a member's questions or, of everybody's, those whose time is over. */
export async function forgetQuestions(db: Db | Trx, which: { member: string } | { now: number }): Promise<void> {
  for (const [id, { caller, askedAt }] of await documentsOf<Asked>(db, prefix)) {
    const goes = "member" in which ? caller.member === which.member : which.now >= askedAt + openMs;
    if (goes) await forgetDocument(db, prefix + id);
  }
}

/** Files that open questions need. */
export async function questionFiles(db: Db): Promise<string[]> {
  const questions = await documentsOf<Asked>(db, prefix);
  const images = questions.flatMap(([, { request }]) => [
    ...request.references,
    ...(request.mask ? [request.mask] : []),
  ]);
  return images.map(({ file }) => file);
}

/** What the new one is like where its draft is silent, and what it comes from; without a draft, that is all of it. */
async function wished(room: Room, wish: Wish, caller: Caller): Promise<Wished> {
  if ("how" in wish) {
    const { job, request: base } = await repetition(room, wish.how, wish.of, caller);
    return { base, parent: job.id };
  }
  const { draft, of } = wish;
  if (!of) return { base: { ...(await baseFor(room, caller)), prompt: "" }, draft };
  const { job, request: base } = await editBase(room, of, caller);
  return { base, draft, parent: job.id };
}

function filesOf({ images = [], mask }: Draft): Files {
  return { references: images.length, masked: mask !== undefined };
}

async function refuseTooDear(
  { credits, database }: Room,
  { total: needed }: QuoteView,
  caller: Caller,
): Promise<never> {
  const allowance = await allowanceOf(database.db, caller);
  const { available, renewsAt } = await credits.statement(caller.member, 0, allowance);
  throw new Refusal("not-enough-credits", { needed, available, renewsAt });
}
