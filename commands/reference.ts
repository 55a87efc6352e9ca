import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { referenceGroup } from "./groups.ts";
import { latestJob } from "./latest-job.ts";
import { described, jobField } from "./request-fields.ts";

const shared = { kind: "yes-no", ...described("shared"), required: false } as const;
const named = { kind: "reference", ...described("referenceName"), required: true } as const;

/** Typed, by the button below a result, or in the menu of any message with images. */
const save = command({
  name: "reference-save",
  group: referenceGroup,
  summary: (text) => text.commands["reference-save"],
  entry: "typed",
  savesImage: true,
  changesChoices: true,
  fields: {
    job: { ...jobField, required: false },
    name: { kind: "text", ...described("referenceName"), required: true, maxLength: 60, multiline: false },
    images: { kind: "images", ...described("referenceImage"), required: false, max: 1 },
    number: { kind: "integer", ...described("imageNumber"), required: false, min: 1, max: 32 },
    shared,
  },
  run: async ({ answers: { job, images, ...given }, caller, usecases, text }) => {
    const of = job ?? (images?.length ? undefined : await latestJob(usecases, caller));
    return cardReply(text.references.saved(await usecases.references.save({ ...given, images, of }, caller)));
  },
});

const show = command({
  name: "reference-show",
  group: referenceGroup,
  summary: (text) => text.commands["reference-show"],
  entry: "typed",
  fields: { name: named, shared },
  run: async ({ answers, caller, usecases, text: { references } }) => {
    const saved = await usecases.references.show(answers, caller);
    return { kind: "picture", card: references.one(saved), image: saved.image, alt: references.altText(saved) };
  },
});

const list = command({
  name: "reference-list",
  group: referenceGroup,
  summary: (text) => text.commands["reference-list"],
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.references.list(await usecases.references.list(caller))),
});

const remove = command({
  name: "reference-remove",
  group: referenceGroup,
  summary: (text) => text.commands["reference-remove"],
  entry: "typed",
  changesChoices: true,
  fields: { name: named, shared },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.references.removed(await usecases.references.remove(answers, caller))),
});

/** Commands that keep images under names, for prompts to start from. */
export const references: readonly AnyCommand[] = [save, show, list, remove];
