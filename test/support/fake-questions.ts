import type { Caller, JobView, QuoteView, UseCases, Wish } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";
import type { Request } from "../../src/request.ts";

type Questions = Pick<UseCases, "ask" | "question" | "accept" | "decline">;

interface Behind {
  /** What a wish costs, and whether that is to be asked. */
  price(wish: Wish, caller: Caller): Promise<QuoteView>;
  /** As the use case for such a wish makes it. */
  make(wish: Wish, caller: Caller): Promise<JobView>;
}

/** Questions in memory; they never close by themselves. */
export function fakeQuestions({ price, make }: Behind): Questions {
  const open = new Map<string, { readonly wish: Wish; readonly caller: Caller }>();
  const find = (id: string, caller: Caller) => {
    const asked = open.get(id);
    if (!asked) throw new Refusal("question-closed", {});
    if (asked.caller.member !== caller.member) throw new Refusal("question-not-yours", {});
    return asked;
  };
  return {
    async ask(wish, caller) {
      const quote = await price(wish, caller);
      if (!quote.confirm) return undefined;
      const id = `q${open.size + 1}`;
      open.set(id, { wish, caller });
      return { id, request: requestOf(wish), quote };
    },
    async question(id, caller) {
      const { wish, caller: asker } = find(id, caller);
      return { request: requestOf(wish), place: asker.place };
    },
    async accept(id, caller) {
      const { wish, caller: asker } = find(id, caller);
      return make(wish, { ...asker, place: caller.place });
    },
    async decline(id, caller) {
      find(id, caller);
      open.delete(id);
    },
  };
}

/** Runs the use case that makes what is wished for. */
export function makeWish(
  usecases: Pick<UseCases, "imagine" | "edit" | "again" | "vary" | "upscale">,
  wish: Wish,
  caller: Caller,
): Promise<JobView> {
  if (!("how" in wish)) {
    return wish.of ? usecases.edit(wish.of, wish.draft, caller) : usecases.imagine(wish.draft, caller);
  }
  return wish.how === "again" ? usecases.again(wish.of.job, caller) : usecases[wish.how](wish.of, caller);
}

function requestOf(wish: Wish): Request {
  const { prompt, count = 1, private: hidden = false } = "how" in wish ? { prompt: wish.how } : wish.draft;
  return {
    ...{ prompt, count, private: hidden, references: [], size: "auto", quality: "auto", format: "png" },
    ...{ background: "auto", fidelity: "low", moderation: "auto" },
  };
}
