import type { Field, Fields } from "../../../command/fields.ts";
import { type PromptWithOptions, readWords } from "../../../command/words-in-prompt.ts";
import type { AsWritten } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { unescaped } from "../messages/blocks.ts";
import { readWord } from "./word.ts";

/** The answers that a line gives, and its sentence before options were taken out of it. */
export interface LineRead {
  readonly answers: Record<string, unknown>;
  readonly asWritten?: AsWritten | undefined;
}

/**
 * Reads `a red bicycle --size 2048x1152 --private`, `@ada 100` or `a red bicycle 2k 16:9`: options wherever they stand,
 * the rest as the text that comes first, else word by word as the fields that take them. Dashes that a phone made of `--`
 * count; a name that is no field stays in the text. Throws Refusal `option-unknown`.
 */
export function readLine(line: string, fields: Fields, team: string): LineRead {
  const text = leadingText(fields);
  const names = Object.keys(fields).filter((name) => name !== text && isTyped(fields[name] as Field));
  const [head = "", ...options] = splitAtOptions(unescaped(line), names);
  const answers: Record<string, unknown> = {};
  const words = [head];
  for (const option of options) {
    const [, written = "", behind = ""] = optionPattern.exec(option) ?? [];
    const name = written.toLowerCase();
    const { value, rest } = take(name, fields[name] as Field, behind.trim(), team);
    answers[name] = value;
    words.push(rest);
  }
  const rest = words.join(" ").trim();
  if (text === undefined) return { answers: { ...answers, ...readInOrder(rest, fields, answers, team) } };
  const { prompt, asWritten, ...found } = readPrompt(rest, fields, answers);
  return { answers: { ...found, [text]: prompt, ...answers }, asWritten };
}

/** Can it be written in a line? */
export function isTyped(field: Field): boolean {
  return field.kind !== "image" && field.kind !== "images" && field.kind !== "job";
}

/** The words of a prompt, and the options that stand at its end where the command has them. */
function readPrompt(words: string, fields: Fields, given: Record<string, unknown>): PromptWithOptions {
  if (!fields.size || !fields.count) return { prompt: words };
  return readWords(words, new Set(Object.keys(given)));
}

/** A text that comes before everything else that is typed takes all words. */
function leadingText(fields: Fields): string | undefined {
  const [first] = Object.entries(fields).filter(([, field]) => isTyped(field));
  return first?.[1].kind === "text" ? first[0] : undefined;
}

const optionPattern = /^(?:--|—|–)([a-z-]+)[=\s]?([\s\S]*)$/i;

function splitAtOptions(line: string, names: readonly string[]): string[] {
  if (names.length === 0) return [line];
  return ` ${line}`.split(new RegExp(`\\s(?=(?:--|—|–)(?:${names.join("|")})(?:[=\\s]|$))`, "i"));
}

/** Splits the words behind an option into its value and the rest. */
function take(name: string, field: Field, behind: string, team: string): { value: unknown; rest: string } {
  if (field.kind === "text" || (field.kind === "choice" && field.open)) return { value: behind, rest: "" };
  if (!isTyped(field)) return { value: undefined, rest: behind };
  const [first = "", ...others] = behind.split(/\s+/);
  if ((field.kind === "style" || field.kind === "reference") && first !== "")
    return { value: first, rest: others.join(" ") };
  const value =
    field.kind === "service" || field.kind === "choice" ? first.toLowerCase() : readWord(field, first, team);
  if (value !== undefined) return { value, rest: others.join(" ") };
  if (field.kind === "yes-no") return { value: true, rest: behind }; // the name alone means yes
  throw notPossible(name, first, [exampleOf(field)]);
}

function readInOrder(words: string, fields: Fields, given: Record<string, unknown>, team: string) {
  const open = new Map(Object.entries(fields).filter(([name, field]) => isTyped(field) && !(name in given)));
  const answers: Record<string, unknown> = {};
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const taker = [...open].find(([, field]) => readWord(field, word, team) !== undefined);
    if (!taker)
      throw notPossible(
        "--",
        word,
        [...open].map(([name, field]) => `--${name} ${exampleOf(field)}`),
      );
    answers[taker[0]] = readWord(taker[1], word, team);
    open.delete(taker[0]);
  }
  return answers;
}

function exampleOf(field: Field): string {
  switch (field.kind) {
    case "integer":
      return `${field.min}–${field.max}`;
    case "yes-no":
      return "yes";
    case "member":
      return "@member";
    case "role":
      return "@group";
    case "channel":
      return "#channel";
    default:
      return "…";
  }
}

function notPossible(option: string, value: string, allowed: string[]): Refusal {
  return new Refusal("option-unknown", { option, value, allowed });
}
