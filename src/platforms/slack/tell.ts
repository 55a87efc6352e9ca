import { Refusal } from "../../errors.ts";
import type { Card } from "../../text/card.ts";
import { type Text, textFor } from "../../text/text.ts";
import { cardContent } from "./blocks.ts";
import type { Asked } from "./event.ts";
import { faultOf } from "./faults.ts";
import type { Parts } from "./parts.ts";
import { wordsFor } from "./words.ts";

/** Shows a card to the member alone, there if possible, else in a direct message. Never throws. */
export async function tellAlone({ client, context }: Parts, asked: Asked, card: Card): Promise<void> {
  const { respond, channel, user, thread } = asked;
  const content = { ...cardContent(card), ...(thread === undefined ? {} : { thread_ts: thread }) };
  const ways = [
    respond && (() => respond({ ...content, response_type: "ephemeral", replace_original: false })),
    channel !== undefined && (() => client.chat.postEphemeral({ ...content, channel, user })),
    () => client.chat.postMessage({ ...cardContent(card), channel: user, unfurl_links: false, unfurl_media: false }),
  ];
  for (const way of ways) {
    if (!way) continue;
    try {
      await way();
      return;
    } catch (err) {
      context.log.warn({ inbound: asked.inbound, err }, "Slack did not take a private answer");
    }
  }
}

/** Does the work; whatever goes wrong, the member is told. Never throws. */
export async function attempt(parts: Parts, asked: Asked, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await tellAlone(parts, asked, cardFor(parts, asked, error));
  }
}

/** A refusal in the member's language. */
export function sentenceFor(text: Text, refusal: Refusal): string {
  const sentence = text.refusals[refusal.code] as (facts: object) => string; // code and facts belong together
  return sentence(refusal.facts);
}

function cardFor({ context }: Parts, { locale, inbound }: Asked, error: unknown): Card {
  const text = textFor(locale);
  if (error instanceof Refusal) return text.refusal(sentenceFor(text, error));
  if (faultOf(error) === "form-expired") return text.refusal(wordsFor(locale).formExpired);
  const reference = context.world.id();
  context.log.error({ reference, inbound, err: error }, "a fault while answering in Slack");
  return text.bug(reference);
}
