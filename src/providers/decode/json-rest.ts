import type { Step } from "./image-places.ts";
import type { Json } from "./json.ts";
import { MalformedAnswer } from "./json-tokens.ts";

const maxCharacters = 1024 * 1024;
const charactersPerValue = 16; // many tiny values need more memory than their text

/** Builds what is kept of an answer, at most 1 MB, and knows where in it the reader stands. */
export class JsonRest {
  private readonly stack: (Json[] | { [key: string]: Json })[] = [];
  private readonly keys: string[] = [];
  private raw = "";
  private characters = 0;
  private root: Json = null;

  get value(): Json {
    return this.root;
  }

  /** The containers around the value that comes next, outermost first. */
  get path(): readonly Step[] {
    return this.stack.map((container, at) =>
      Array.isArray(container) ? { isList: true } : { isList: false, key: this.keys[at] ?? "" },
    );
  }

  get depth(): number {
    return this.stack.length;
  }

  open(bracket: "{" | "["): void {
    const container = bracket === "{" ? (Object.create(null) as { [key: string]: Json }) : [];
    this.put(container);
    this.stack.push(container);
    this.keys.push("");
  }

  close(): void {
    this.stack.pop();
    this.keys.pop();
  }

  key(piece: string, last: boolean): void {
    const text = this.collect(piece, last);
    if (text !== undefined) this.keys[this.keys.length - 1] = text;
  }

  /** The whole string once its last piece is in. */
  text(piece: string, last: boolean): string | undefined {
    const text = this.collect(piece, last);
    if (text !== undefined) this.put(text);
    return text;
  }

  put(value: Json): void {
    this.count(charactersPerValue);
    const container = this.stack.at(-1);
    if (container === undefined) this.root = value;
    else if (Array.isArray(container)) container.push(value);
    else container[this.keys.at(-1) ?? ""] = value;
  }

  private collect(piece: string, last: boolean): string | undefined {
    this.count(piece.length);
    this.raw += piece;
    if (!last) return undefined;
    const text = textOf(this.raw);
    this.raw = "";
    return text;
  }

  private count(characters: number): void {
    this.characters += characters;
    if (this.characters > maxCharacters) throw new MalformedAnswer("the answer has more than 1 MB beside its images");
  }
}

/** The text of a raw JSON string, as JsonTokens tells it. Throws MalformedAnswer. */
export function textOf(raw: string): string {
  try {
    return JSON.parse(`"${Buffer.from(raw, "latin1").toString("utf8")}"`);
  } catch {
    throw new MalformedAnswer("a string of the JSON document has a wrong escape or control character");
  }
}
