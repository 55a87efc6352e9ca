import type { AsWritten, Order } from "../contract/usecases.ts";
import type { Invocation } from "./command.ts";
import type { Fields } from "./fields.ts";
import { cardReply, jobReply, type Reply } from "./reply.ts";

/** Submits what a command orders, and answers with its job, or with the question whether it is to be made for its price. */
export async function submitOrder<F extends Fields>(
  { usecases, caller, submission, text, asWritten }: Invocation<F>,
  order: Order,
): Promise<Reply> {
  const submitted = await usecases.submit(withWords(order, asWritten), caller, submission);
  return submitted.kind === "job" ? jobReply(submitted.job) : cardReply(text.confirmation(submitted.confirmation));
}

function withWords(order: Order, asWritten: AsWritten | undefined): Order {
  return asWritten && "draft" in order ? { ...order, draft: { ...order.draft, asWritten } } : order;
}
