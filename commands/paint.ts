import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import type { JobImage, VisitPage } from "../src/contract/usecases.ts";
import { Refusal } from "../src/errors.ts";
import type { IncomingImage } from "../src/image.ts";
import { described, jobField } from "./request-fields.ts";

/** The Paint button, and the menu of any message with images: a link by which the member alone comes to a page. */
export const paint = command({
  name: "paint",
  summary: (text) => text.commands.paint,
  entry: "button",
  paintsImage: true,
  needsPages: true,
  fields: {
    job: { ...jobField, required: false },
    images: { kind: "images", ...described("images"), required: false, max: 1 },
  },
  run: async ({ answers: { job, images }, caller, usecases, text }) => {
    const page = pageFor(job, images?.[0]);
    if (!page) throw new Refusal("job-has-no-images", {});
    return cardReply(text.cards.paintLink(await usecases.visits.offer(page, caller)));
  },
});

function pageFor(of: JobImage | undefined, file: IncomingImage | undefined): VisitPage | undefined {
  if (of) return { kind: "paint", of };
  return file && { kind: "paint-file", file };
}
