import type { Card } from "../text/card.ts";
import type { JobView } from "../usecases/usecases.ts";

/** What a command answers: a job that the platform now follows, or a card that it shows to the caller alone. */
export type Reply = { readonly kind: "job"; readonly job: JobView } | { readonly kind: "card"; readonly card: Card };

export function jobReply(job: JobView): Reply {
  return { kind: "job", job };
}

export function cardReply(card: Card): Reply {
  return { kind: "card", card };
}
