import type {
  Caller,
  Confirmation,
  Draft,
  JobImage,
  JobView,
  Order,
  Repetition,
  UseCases,
} from "../../src/contract/usecases.ts";

/** The ways of ordering by name; each is confirmed beforehand, but for `ask`. */
export interface Orders {
  imagine(draft: Draft, caller: Caller): Promise<JobView>;
  edit(of: JobImage, draft: Draft, caller: Caller): Promise<JobView>;
  again(job: string, caller: Caller): Promise<JobView>;
  vary(of: JobImage, caller: Caller): Promise<JobView>;
  upscale(of: JobImage, caller: Caller): Promise<JobView>;
  /** Asks about the final image of a draft. */
  final(of: JobImage, caller: Caller): Promise<Confirmation>;
  confirm(confirmation: string, caller: Caller): Promise<JobView>;
  /** The confirmation that the order asks for; undefined when its job was made. */
  ask(order: Order, caller: Caller): Promise<Confirmation | undefined>;
}

export type OrderingUseCases = UseCases & Orders;

/** Use cases with the ways of ordering by name beside the one door. */
export function withOrders(usecases: UseCases): OrderingUseCases {
  const make = async (order: Order, caller: Caller): Promise<JobView> => {
    const submitted = await usecases.submit(order, caller, { confirmed: true, sawNotes: true });
    if (submitted.kind !== "job") throw new Error("a confirmed order asks for confirmation");
    return submitted.job;
  };
  const repeat = (kind: Repetition, of: JobImage, caller: Caller) => make({ kind, of }, caller);
  return {
    ...usecases,
    imagine: (draft, caller) => make({ kind: "draft", draft }, caller),
    edit: (of, draft, caller) => make({ kind: "edit", of, draft }, caller),
    again: (job, caller) => repeat("again", { job }, caller),
    vary: (of, caller) => repeat("vary", of, caller),
    upscale: (of, caller) => repeat("upscale", of, caller),
    async final(of, caller) {
      const submitted = await usecases.submit({ kind: "final", of }, caller);
      if (submitted.kind !== "confirmation") throw new Error("a final image is made without its price being told");
      return submitted.confirmation;
    },
    confirm: (id, caller) => make({ kind: "confirmation", id }, caller),
    async ask(order, caller) {
      const submitted = await usecases.submit(order, caller);
      return submitted.kind === "confirmation" ? submitted.confirmation : undefined;
    },
  };
}
