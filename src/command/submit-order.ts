import type { Order } from "../contract/usecases.ts";
import type { Invocation } from "./command.ts";
import type { Fields } from "./fields.ts";
import { batchReply, cardReply, jobReply, type Reply } from "./reply.ts";

/** Submits what a command orders, and answers with its job, or with the question whether it is to be made for its price. */
export async function submitOrder<F extends Fields>(
  { usecases, caller, submission, text, ...words }: Invocation<F>,
  order: Order,
): Promise<Reply> {
  const submitted = await usecases.submit(withWords(order, words), caller, submission);
  switch (submitted.kind) {
    case "job":
      return jobReply(submitted.job);
    case "batch":
      return batchReply(submitted.batch);
    case "confirmation":
      return cardReply(text.confirmation(submitted.confirmation));
  }
}

type Words = Pick<Invocation<Fields>, "asWritten" | "plainWords">;

function withWords(order: Order, { asWritten, plainWords = [] }: Words): Order {
  if (!("draft" in order)) return order;
  const words = { ...(asWritten ? { asWritten } : {}), ...(plainWords.length > 0 ? { plainWords } : {}) };
  return { ...order, draft: { ...order.draft, ...words } };
}
