import type { JobView, Order } from "../contract/usecases.ts";
import type { Invocation } from "./command.ts";
import type { Fields } from "./fields.ts";
import { cardReply, jobReply, type Reply } from "./reply.ts";

/**
 * Makes what is wished for or, where it costs more than its member spends without being asked, asks first; never where
 * the price was shown already. The buttons of the question are in commands/answer.ts.
 */
export async function makeOrAsk<F extends Fields>(
  { agreed, usecases, caller, text }: Invocation<F>,
  order: Order,
  make: () => Promise<JobView>,
): Promise<Reply> {
  const confirmation = agreed ? undefined : await usecases.requestConfirmation(order, caller);
  return confirmation ? cardReply(text.question(confirmation)) : jobReply(await make());
}
