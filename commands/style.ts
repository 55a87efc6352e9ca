import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { styleGroup } from "./groups.ts";
import { described, jobField, requestFields } from "./request-fields.ts";

const { style, size, quality, format, background, compression, fidelity } = requestFields;
const words = (name: "before" | "after") =>
  ({ kind: "text", ...described(name), required: false, maxLength: 1000, multiline: true }) as const;
const shared = { kind: "yes-no", ...described("shared"), required: false } as const;
const named = { ...style, ...described("styleName"), required: true } as const;

/** Typed, or by the button below a result, whose options and image it then keeps. */
const save = command({
  name: "style-save",
  group: styleGroup,
  summary: (text) => text.commands["style-save"],
  entry: "typed",
  changesChoices: true,
  fields: {
    job: { ...jobField, required: false },
    name: { kind: "text", ...described("styleName"), required: true, maxLength: 60, multiline: false },
    before: words("before"),
    after: words("after"),
    shared,
    size,
    quality,
    format,
    background,
    compression,
    fidelity,
    images: { kind: "images", ...described("styleImages"), required: false, max: 4 },
  },
  run: async ({ answers: { job: of, ...given }, caller, usecases, text }) =>
    cardReply(text.styles.saved(await usecases.styles.save({ ...given, of }, caller))),
});

const show = command({
  name: "style-show",
  group: styleGroup,
  summary: (text) => text.commands["style-show"],
  entry: "typed",
  fields: { name: named },
  run: async ({ answers: { name }, caller, usecases, text }) =>
    cardReply(text.styles.one(await usecases.styles.show({ name }, caller))),
});

const list = command({
  name: "style-list",
  group: styleGroup,
  summary: (text) => text.commands["style-list"],
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases: { styles }, text }) => {
    const [all, defaults] = await Promise.all([styles.list(caller), styles.defaults(caller)]);
    return cardReply(text.styles.list(all, defaults));
  },
});

const remove = command({
  name: "style-remove",
  group: styleGroup,
  summary: (text) => text.commands["style-remove"],
  entry: "typed",
  changesChoices: true,
  fields: { name: named, shared },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.styles.removed(await usecases.styles.remove(answers, caller))),
});

const setDefault = command({
  name: "style-default",
  group: styleGroup,
  summary: (text) => text.commands["style-default"],
  entry: "typed",
  fields: { name: named, channel: { kind: "channel", ...described("styleChannel"), required: false } },
  run: async ({ answers, caller, usecases: { styles }, text }) => {
    await styles.setDefault(answers, caller);
    const [all, defaults] = await Promise.all([styles.list(caller), styles.defaults(caller)]);
    return cardReply(text.styles.list(all, defaults));
  },
});

/** Commands that keep ways to draw under names. */
export const styles: readonly AnyCommand[] = [save, show, list, remove, setDefault];
