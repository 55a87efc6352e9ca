import { readFileSync } from "node:fs";

/** A fenced block of a document. */
export interface Block {
  readonly language: string;
  /** The lines between the fences, without the indentation of the list that it stands in. */
  readonly text: string;
  /** The file named last above it on a line of its own, `like this`. */
  readonly file: string | undefined;
  /** The heading that it stands under. */
  readonly heading: string;
}

/** Every fenced block of a document, in order. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = readFileSync(document, "utf8").split("\n");
  let [file, heading]: [string | undefined, string] = [undefined, ""];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    file = /^`([\w./-]+)`$/.exec(line)?.[1] ?? file;
    const [, indent = "", language] = /^( *)```(\w+)$/.exec(line) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`${document}:${at + 1}: the block is never closed`);
    const text = lines.slice(at + 1, end).map((each) => each.slice(indent.length));
    blocks.push({ language, text: text.join("\n"), file, heading });
    at = end;
  }
  return blocks;
}

/** The text with a block of `+`, `-` and ` ` lines applied where what it expects stands, exactly once. */
export function applyDiff(before: string, diff: string): string {
  const lines = diff.split("\n").map((line) => [line[0] ?? " ", line.slice(1)] as const);
  const side = (sign: string) =>
    `\n${lines
      .filter(([own]) => own === " " || own === sign)
      .map(([, text]) => text)
      .join("\n")}\n`;
  const [text, expected] = [`\n${before}\n`, side("-")];
  const at = text.indexOf(expected);
  const times = at < 0 ? "nowhere" : text.lastIndexOf(expected) > at ? "more than once" : "once";
  if (times !== "once") throw new Error(`found ${times}:${expected}`);
  return (text.slice(0, at) + side("+") + text.slice(at + expected.length)).slice(1, -1);
}
