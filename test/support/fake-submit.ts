import type { Caller, JobView, Order, QuoteView, UseCases } from "../../src/contract/usecases.ts";
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

/** The door in memory; confirmations never close by themselves. */
export function fakeSubmit({ price, isPrivate, make }: Behind): Pick<UseCases, "submit" | "reject"> {
  const open = new Map<string, { readonly order: NewOrder; readonly caller: Caller }>();
  const find = (id: string, caller: Caller) => {
    const asked = open.get(id);
    if (!asked) throw new Refusal("confirmation-closed", {});
    if (asked.caller.member !== caller.member) throw new Refusal("confirmation-not-yours", {});
    return asked;
  };
  return {
    async submit(order, caller, { confirmed, announce } = {}) {
      const known = order.kind === "confirmation" ? find(order.id, caller) : { order, caller };
      if (order.kind !== "confirmation" && !confirmed) {
        const quote = await price(order, caller);
        if (quote.confirm) {
          const id = `q${open.size + 1}`;
          open.set(id, { order, caller });
          return { kind: "confirmation", confirmation: { id, request: requestOf(order), quote } };
        }
      }
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

function requestOf(order: NewOrder): Request {
  const { prompt, count = 1, private: hidden = false } = "draft" in order ? order.draft : { prompt: order.kind };
  return {
    ...{ prompt, count, private: hidden, references: [], size: "auto", quality: "auto", format: "png" },
    ...{ background: "auto", fidelity: "low", moderation: "auto" },
  };
}
