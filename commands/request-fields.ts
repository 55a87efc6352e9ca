import type {
  ChoiceField,
  ImageField,
  ImagesField,
  IntegerField,
  ServiceField,
  StyleField,
  TextField,
  YesNoField,
} from "../src/command/fields.ts";
import { formats } from "../src/image.ts";
import { backgrounds, fidelities, qualities } from "../src/request.ts";
import type { Text } from "../src/text/text.ts";

/** Label and hint of a field, in every language. */
export const described = (name: keyof Text["fields"]) => ({
  label: (text: Text) => text.fields[name].label,
  hint: (text: Text) => text.fields[name].hint,
});

const sizes: readonly [string, keyof Text["choices"]["size"]][] = [
  ["auto", "auto"],
  ["1024x1024", "square1k"],
  ["1536x1024", "landscape1k"],
  ["1024x1536", "portrait1k"],
  ["2048x2048", "square2k"],
  ["2048x1152", "wide2k"],
  ["3840x2160", "wide4k"],
  ["2160x3840", "tall4k"],
];

/** Fields of how an image is to be made; everything but the words. */
export const requestFields = {
  size: {
    kind: "choice",
    ...described("size"),
    required: false,
    open: true,
    choices: sizes.map(([value, name]) => ({ value, label: (text: Text) => text.choices.size[name] })),
  } satisfies ChoiceField,
  quality: {
    kind: "choice",
    ...described("quality"),
    required: false,
    open: false,
    choices: qualities.map((value) => ({ value, label: (text: Text) => text.choices.quality[value] })),
  } satisfies ChoiceField,
  count: { kind: "integer", ...described("count"), required: false, min: 1, max: 10 } satisfies IntegerField,
  format: {
    kind: "choice",
    ...described("format"),
    required: false,
    open: false,
    choices: formats.map((value) => ({ value, label: (text: Text) => text.choices.format[value] })),
  } satisfies ChoiceField,
  images: { kind: "images", ...described("images"), required: false, max: 16 } satisfies ImagesField,
  mask: { kind: "image", ...described("mask"), required: false } satisfies ImageField,
  style: { kind: "style", ...described("style"), required: false } satisfies StyleField,
  provider: { kind: "service", ...described("provider"), required: false } satisfies ServiceField,
  private: { kind: "yes-no", ...described("private"), required: false } satisfies YesNoField,
  moderation: {
    kind: "choice",
    ...described("moderation"),
    required: false,
    open: false,
    choices: (["auto", "low"] as const).map((value) => ({
      value,
      label: (text: Text) => text.choices.moderation[value],
    })),
  } satisfies ChoiceField,
  background: {
    kind: "choice",
    ...described("background"),
    needs: "background",
    required: false,
    open: false,
    choices: backgrounds.map((value) => ({
      value,
      label: (text: Text) => text.choices.background[value],
      ...(value === "transparent" ? { needs: "transparent" as const } : {}),
    })),
  } satisfies ChoiceField,
  compression: {
    kind: "integer",
    ...described("compression"),
    needs: "compression",
    required: false,
    min: 0,
    max: 100,
  } satisfies IntegerField,
  fidelity: {
    kind: "choice",
    ...described("fidelity"),
    needs: "fidelity",
    required: false,
    open: false,
    choices: fidelities.map((value) => ({ value, label: (text: Text) => text.choices.fidelity[value] })),
  } satisfies ChoiceField,
} as const;

/** 6,000 characters is what a Discord option holds; services take up to 32,000. */
export const promptField = (name: "prompt" | "change") =>
  ({ kind: "text", ...described(name), required: true, maxLength: 6000, multiline: true }) as const satisfies TextField;

/** Draws drafts unless a quality is named. */
export const drafts = { kind: "yes-no", ...described("drafts"), required: false } as const satisfies YesNoField;

export const jobField = { kind: "job", ...described("job"), required: true } as const;

export const memberField = { kind: "member", ...described("member"), required: false } as const;

/** An amount of credits, at most a million (US$ 1,000). */
export const credits = (
  name: "amount" | "daily" | "allowance" | "monthly" | "stepsMonthly" | "approvalAbove",
  min: number,
) => ({ kind: "integer", ...described(name), required: false, min, max: 1_000_000 }) as const satisfies IntegerField;
