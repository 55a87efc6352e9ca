import type { Field, Fields } from "../../command/fields.ts";
import { Refusal } from "../../errors.ts";
import { unescaped } from "./blocks.ts";
import { memberKey } from "./event.ts";

/** What one option took from the words behind it, and what it left for the prompt. */
interface Taken {
  readonly value: unknown;
  readonly rest: string;
}

/**
 * Reads `a red bicycle --size 2048x1152 --private`: the options wherever they stand, the rest as the first text field.
 * Dashes that a phone made of `--` count; a name that is no field stays in the text. Throws Refusal `option-unknown`.
 */
export function readLine(line: string, fields: Fields, team: string): Record<string, unknown> {
  const prompt = Object.keys(fields).find((name) => fields[name]?.kind === "text");
  const names = Object.keys(fields).filter((name) => name !== prompt && isTyped(fields[name] as Field));
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
  return prompt === undefined ? answers : { ...answers, [prompt]: words.join(" ").trim() };
}

/** Can it be written in a line? */
export function isTyped(field: Field): boolean {
  return field.kind !== "image" && field.kind !== "images" && field.kind !== "job";
}

const optionPattern = /^(?:--|—|–)([a-z-]+)[=\s]?([\s\S]*)$/i;

function splitAtOptions(line: string, names: readonly string[]): string[] {
  if (names.length === 0) return [line];
  return ` ${line}`.split(new RegExp(`\\s(?=(?:--|—|–)(?:${names.join("|")})(?:[=\\s]|$))`, "i"));
}

function take(name: string, field: Field, behind: string, team: string): Taken {
  const [first = "", ...others] = behind.split(/\s+/);
  const rest = others.join(" ");
  switch (field.kind) {
    case "text":
      return { value: behind, rest: "" };
    case "integer": {
      if (!/^[+-]?\d{1,9}$/.test(first)) throw notPossible(name, first, [`${field.min}–${field.max}`]);
      return { value: Number(first), rest };
    }
    case "yes-no":
      return yesNo(first, rest, behind);
    case "service":
      return { value: first.toLowerCase(), rest };
    case "choice":
      return field.open ? { value: behind, rest: "" } : { value: first.toLowerCase(), rest };
    case "member": {
      const user = /^<@(\w+)(?:\|[^>]*)?>$/.exec(first)?.[1];
      if (!user) throw notPossible(name, first, ["@member"]);
      return { value: memberKey(team, user), rest };
    }
    case "image":
    case "images":
    case "job":
      return { value: undefined, rest: behind };
  }
}

/** The name alone means yes. */
function yesNo(first: string, rest: string, behind: string): Taken {
  if (/^(yes|true|on|1)$/i.test(first)) return { value: true, rest };
  if (/^(no|false|off|0)$/i.test(first)) return { value: false, rest };
  return { value: true, rest: behind };
}

function notPossible(option: string, value: string, allowed: string[]): Refusal {
  return new Refusal("option-unknown", { option, value, allowed });
}
