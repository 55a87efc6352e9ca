import { command, type Invocation } from "../src/command/command.ts";
import type { Fields } from "../src/command/fields.ts";
import { cardReply, type Reply } from "../src/command/reply.ts";
import type { Card } from "../src/text/card.ts";
import type { Text } from "../src/text/text.ts";
import { described, jobField } from "./request-fields.ts";

const pageLength = 5;

export const history = command({
  name: "history",
  summary: (text) => text.commands.history,
  entry: "typed",
  shows: "history",
  fields: { search: { kind: "text", ...described("search"), required: false, maxLength: 200, multiline: false } },
  run: (call) => page(call, { search: call.answers.search }),
});

/** The button at the end of a page; its job is the last one there. */
export const older = command({
  name: "older",
  summary: (text) => text.commands.older,
  entry: "button",
  fields: { job: jobField },
  run: (call) => page(call, { before: call.answers.job.job }),
});

/** The button Gallery: a link by which the member alone comes to a page with all of their images here. */
export const gallery = command({
  name: "gallery",
  summary: (text) => text.commands.gallery,
  entry: "button",
  needsPages: true,
  fields: {},
  run: async ({ caller, usecases, text }) =>
    cardReply(text.cards.galleryLink(await usecases.visits.offer({ kind: "gallery" }, caller))),
});

async function page<F extends Fields>(
  { caller, usecases, text }: Invocation<F>,
  query: { search?: string | undefined; before?: string },
): Promise<Reply> {
  const jobs = await usecases.history(caller, { ...query, limit: pageLength });
  const card = text.cards.history(jobs, query.search, pageLength);
  return {
    kind: "history",
    card: usecases.visits.areOffered && jobs.length > 0 ? withGallery(card, text) : card,
    jobs,
  };
}

function withGallery(card: Card, { cards }: Text): Card {
  const button = { command: "gallery", label: cards.galleryButton, style: "plain" } as const;
  return { ...card, buttons: [...(card.buttons ?? []), button] };
}
