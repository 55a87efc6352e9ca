import type { Caller, JobView, Offer, Order, QuoteView, UseCases, WordsTaken } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import type { Request } from "../../src/request.ts";

/** An order that is not the answer to a confirmation. */
export type NewOrder = Exclude<Order, { readonly kind: "confirmation" }>;

interface Behind {
  /** The price of an order, and whether its member is to be asked first. */
  price(order: NewOrder, caller: Caller): Promise<QuoteView>;
  /** Will the result be for the member alone? */
  isPrivate?(order: NewOrder, caller: Caller): Promise<boolean>;
  make(order: NewOrder, caller: Caller): Promise<JobView>;
}

interface OpenOrder {
  readonly order: NewOrder;
  readonly caller: Caller;
}

/** The door in memory; confirmations never close by themselves. */
export function fakeSubmit(behind: Behind): Pick<UseCases, "submit" | "reject"> {
  const { price, isPrivate, make } = behind;
  const open = new Map<string, OpenOrder>();
  const find = (id: string, caller: Caller) => {
    const asked = open.get(id);
    if (!asked) throw new Refusal("confirmation-closed", {});
    if (asked.caller.member !== caller.member) throw new Refusal("confirmation-not-yours", {});
    return asked;
  };
  return {
    async submit(order, caller, { confirmed, announce } = {}) {
      if (order.kind !== "confirmation") {
        const quote = await price(order, caller);
        const written = asWritten(order);
        if (written || (quote.confirm && !confirmed)) {
          const id = `q${open.size + 1}`;
          open.set(id, { order, caller });
          const words = written && { taken: takenIn(order), asWritten: await offer(written, caller, behind) };
          return { kind: "confirmation", confirmation: { id, request: requestOf(order), quote, words } };
        }
      }
      const known = order.kind === "confirmation" ? answered(order, find(order.id, caller)) : { order, caller };
      const hidden = (await isPrivate?.(known.order, known.caller)) ?? requestOf(known.order).private;
      const replyTarget =
        (await announce?.({ private: hidden, replyTarget: known.caller.replyTarget })) ?? caller.replyTarget;
      return { kind: "job", job: await make(known.order, { ...known.caller, replyTarget }) };
    },
    async reject(id, caller) {
      find(id, caller);
      open.delete(id);
    },
  };
}

async function offer(order: NewOrder, caller: Caller, { price }: Behind): Promise<Offer> {
  return { request: requestOf(order), quote: await price(order, caller) };
}

function takenIn(order: NewOrder): WordsTaken["taken"] {
  if (!("draft" in order)) return {};
  const { size, quality, count, format } = order.draft;
  return { size, quality, count, format };
}

type WithDraft = Extract<NewOrder, { readonly draft: unknown }>;

/** The order with its sentence as it was written; undefined when nothing was taken out of it. */
function asWritten(order: NewOrder): WithDraft | undefined {
  if (!("draft" in order) || !order.draft.asWritten) return undefined;
  const { asWritten: written, ...draft } = order.draft;
  return { ...order, draft: { ...draft, ...written } };
}

function answered(answer: Extract<Order, { readonly kind: "confirmation" }>, { order, caller }: OpenOrder): OpenOrder {
  if (!answer.asWritten) return { order: withoutWords(order), caller };
  const written = asWritten(order);
  if (!written) throw new Refusal("confirmation-closed", {});
  return { order: written, caller };
}

function withoutWords(order: NewOrder): NewOrder {
  if (!("draft" in order)) return order;
  const { asWritten: _, ...draft } = order.draft;
  return { ...order, draft };
}

function requestOf(order: NewOrder): Request {
  const { prompt, count = 1, private: hidden = false } = "draft" in order ? order.draft : { prompt: order.kind };
  return {
    ...{ prompt, count, private: hidden, references: [], size: "auto", quality: "auto", format: "png" },
    ...{ background: "auto", fidelity: "low", moderation: "auto" },
  };
}
