import { command } from "../src/command/command.ts";
import { described, jobField } from "./request-fields.ts";

/** The Describe button: the words for who cannot see an image. Discord has a form of its own, also for spoilers. */
export const describe = command({
  name: "describe",
  summary: (text) => text.commands.describe,
  entry: "button",
  describesImages: true,
  fields: {
    job: jobField,
    altText: { kind: "text", ...described("altText"), required: true, maxLength: 1024, multiline: true },
  },
  run: async ({ answers: { job, altText }, caller, usecases, text }) => {
    const of = { job: job.job, index: job.index ?? 0 };
    const images = await usecases.descriptions.change([{ of, alt: altText }], caller);
    return { kind: "described", card: text.cards.described(), images };
  },
});
