import type { Caller, JobView, Order, QuoteView, UseCases } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import type { Request } from "../../src/request.ts";

type Confirmations = Pick<UseCases, "requestConfirmation" | "confirmation" | "confirm" | "reject">;

interface Behind {
  /** What a wish costs, and whether that is to be asked. */
  price(order: Order, caller: Caller): Promise<QuoteView>;
  /** As the use case for such a wish makes it. */
  make(order: Order, caller: Caller): Promise<JobView>;
}

/** Confirmations in memory; they never close by themselves. */
export function fakeConfirmations({ price, make }: Behind): Confirmations {
  const open = new Map<string, { readonly wish: Order; readonly caller: Caller }>();
  const find = (id: string, caller: Caller) => {
    const asked = open.get(id);
    if (!asked) throw new Refusal("question-closed", {});
    if (asked.caller.member !== caller.member) throw new Refusal("question-not-yours", {});
    return asked;
  };
  return {
    async requestConfirmation(order, caller) {
      const quote = await price(order, caller);
      if (!quote.confirm) return undefined;
      const id = `q${open.size + 1}`;
      open.set(id, { wish: order, caller });
      return { id, request: requestOf(order), quote };
    },
    async confirmation(id, caller) {
      const { wish: order, caller: asker } = find(id, caller);
      return { request: requestOf(order), replyTarget: asker.replyTarget };
    },
    async confirm(id, caller) {
      const { wish: order, caller: asker } = find(id, caller);
      return make(order, { ...asker, replyTarget: caller.replyTarget });
    },
    async reject(id, caller) {
      find(id, caller);
      open.delete(id);
    },
  };
}

/** Runs the use case that makes what is wished for. */
export function makeOrder(
  usecases: Pick<UseCases, "imagine" | "edit" | "again" | "vary" | "upscale">,
  order: Order,
  caller: Caller,
): Promise<JobView> {
  if (!("how" in order)) {
    return order.of ? usecases.edit(order.of, order.draft, caller) : usecases.imagine(order.draft, caller);
  }
  return order.how === "again" ? usecases.again(order.of.job, caller) : usecases[order.how](order.of, caller);
}

function requestOf(order: Order): Request {
  const { prompt, count = 1, private: hidden = false } = "how" in order ? { prompt: order.how } : order.draft;
  return {
    ...{ prompt, count, private: hidden, references: [], size: "auto", quality: "auto", format: "png" },
    ...{ background: "auto", fidelity: "low", moderation: "auto" },
  };
}
