import type { JobView, Wish } from "../contract/usecases.ts";
import type { Invocation } from "./command.ts";
import type { Fields } from "./fields.ts";
import { cardReply, jobReply, type Reply } from "./reply.ts";

/**
 * Makes what is wished for or, where it costs more than its member spends without being asked, asks first; never where
 * the price was shown already. The buttons of the question are in commands/answer.ts.
 */
export async function makeOrAsk<F extends Fields>(
  { agreed, usecases, caller, text }: Invocation<F>,
  wish: Wish,
  make: () => Promise<JobView>,
): Promise<Reply> {
  const question = agreed ? undefined : await usecases.ask(wish, caller);
  return question ? cardReply(text.question(question)) : jobReply(await make());
}
