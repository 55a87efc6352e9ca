import type { Context } from "../context.ts";

interface Answer {
  readonly at: number;
  readonly value: Promise<unknown>;
}

/** The last answers to questions that many ask, for each context. */
const answers = new WeakMap<Context, Map<string, Answer>>();

/** The answer to a question when it is not older than so many milliseconds; else it is looked for now. */
export function recent<Value>(
  context: Context,
  { question, maxAgeMs }: { readonly question: string; readonly maxAgeMs: number },
  look: () => Promise<Value>,
): Promise<Value> {
  const known = answers.get(context) ?? new Map<string, Answer>();
  answers.set(context, known);
  const at = context.world.now();
  const answer = known.get(question);
  if (answer && at - answer.at < maxAgeMs) return answer.value as Promise<Value>;
  const value = look();
  value.catch(() => known.delete(question)); // whoever asked hears of it; the next one asks anew
  known.set(question, { at, value });
  return value;
}
