/**
 * Characters that move the cursor, turn the direction of text around, cannot be seen, or only look like the end of a
 * line. Two invisible ones are left that words of some languages and emoji need: U+200C and U+200D.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;
/** The same but for the end of the line itself. */
const unprintableInJson = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** One line that a terminal shows as it is, whatever a service, a file or a member put into it. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === "\n" || character === "\t") return " ";
    return `\\u{${character.codePointAt(0)?.toString(16).padStart(2, "0")}}`;
  });
}

/** The same JSON, written without any character that a terminal would obey; lines of it stay lines. */
export function printableJson(json: string): string {
  return json.replace(unprintableInJson, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** A line of JSON whose texts are printable when they are read; only the stack of an error keeps its lines. */
export function printableValues(json: string): string {
  return JSON.stringify(withPrintable(JSON.parse(json)));
}

function withPrintable(value: unknown, name?: string): unknown {
  if (typeof value === "string")
    return name === "stack" ? value.split("\n").map(printable).join("\n") : printable(value);
  if (Array.isArray(value)) return value.map((item) => withPrintable(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), withPrintable(item, key)]));
}
