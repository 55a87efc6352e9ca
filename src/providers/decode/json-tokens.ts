/** The answer is not what it should be; its text never contains any of the answer. */
export class MalformedAnswer extends Error {
  /** True when it merely stops too early. */
  readonly truncated: boolean;

  constructor(message: string, truncated = false) {
    super(message);
    this.name = "MalformedAnswer";
    this.truncated = truncated;
  }
}

/**
 * A piece of a JSON document. Strings come in raw pieces: still escaped, one character per byte (latin1), never cut
 * inside an escape; `last` closes the string.
 */
export type JsonToken =
  | { readonly kind: "open"; readonly bracket: "{" | "[" }
  | { readonly kind: "close" }
  | { readonly kind: "key"; readonly piece: string; readonly last: boolean }
  | { readonly kind: "text"; readonly piece: string; readonly last: boolean }
  | { readonly kind: "plain"; readonly value: number | boolean | null };

const maxDepth = 32;
const maxPlainLength = 1000;
const quote = 0x22;
const backslash = 0x5c;

type Expected = "document" | "value" | "value or ]" | "key" | "key or }" | ":" | ", or end" | "nothing";

/** Cuts a JSON object or list that arrives in chunks into tokens, strictly: whatever JSON.parse refuses is refused here. */
export class JsonTokens {
  private expected: Expected = "document";
  /** `{` and `[` that are still open. */
  private readonly open: string[] = [];
  private inside: "key" | "text" | "plain" | undefined;
  /** An escape, or a number, that the end of a chunk cut through. */
  private held = "";

  /** The tokens of the next chunk, which must not change until all are taken. Throws MalformedAnswer. */
  *read(chunk: Buffer): Generator<JsonToken> {
    let at = 0;
    while (at < chunk.length) {
      if (this.inside === "key" || this.inside === "text") at = yield* this.string(chunk, at, this.inside);
      else if (this.inside === "plain") at = yield* this.plain(chunk, at);
      else at = yield* this.structure(chunk, at);
    }
  }

  /** Takes a chunk of which only matters whether the document ends there. Throws MalformedAnswer. */
  skip(chunk: Buffer): void {
    for (const _token of this.read(chunk));
  }

  /** The document is complete. */
  get isComplete(): boolean {
    return this.expected === "nothing";
  }

  /** Throws MalformedAnswer unless the document is complete. */
  end(): void {
    if (this.expected !== "nothing") throw new MalformedAnswer("the JSON document is cut short", true);
  }

  private *structure(chunk: Buffer, from: number): Generator<JsonToken, number> {
    let at = from;
    while (at < chunk.length && this.inside === undefined) {
      const token = this.sign(chunk[at] as number);
      if (token) yield token;
      if (this.inside === "plain") return at; // its first character belongs to it
      at += 1;
    }
    return at;
  }

  /** Takes a byte that stands outside of strings and plain values; returns the token that it makes, if it makes one. */
  private sign(byte: number): JsonToken | undefined {
    switch (byte) {
      case 0x20:
      case 0x0a:
      case 0x0d:
      case 0x09:
        return undefined;
      case quote:
        return this.startString();
      case 0x7b:
        return this.startContainer("{");
      case 0x5b:
        return this.startContainer("[");
      case 0x7d:
        return this.endContainer("{");
      case 0x5d:
        return this.endContainer("[");
      case 0x3a:
        return this.step(":", "value");
      case 0x2c:
        return this.step(", or end", this.open.at(-1) === "{" ? "key" : "value");
      default:
        this.startValue();
        this.inside = "plain";
        return undefined;
    }
  }

  private *string(chunk: Buffer, from: number, kind: "key" | "text"): Generator<JsonToken, number> {
    const end = this.closingQuote(chunk, from);
    const last = end >= 0;
    let piece = this.held + chunk.toString("latin1", from, last ? end : chunk.length);
    this.held = "";
    if (last) {
      this.inside = undefined;
      this.expected = kind === "key" ? ":" : this.afterValue();
    } else if (piece.includes("\\")) {
      const whole = lengthWithoutCutEscape(piece);
      this.held = piece.slice(whole);
      piece = piece.slice(0, whole);
    }
    yield { kind, piece, last };
    return last ? end + 1 : chunk.length;
  }

  private closingQuote(chunk: Buffer, from: number): number {
    let end = chunk.indexOf(quote, from);
    while (end >= 0 && this.isEscaped(chunk, end, from)) end = chunk.indexOf(quote, end + 1);
    return end;
  }

  private isEscaped(chunk: Buffer, at: number, from: number): boolean {
    let run = at;
    while (run > from && chunk[run - 1] === backslash) run -= 1;
    const before = run === from && this.held === "\\" ? 1 : 0;
    return (at - run + before) % 2 === 1;
  }

  private *plain(chunk: Buffer, from: number): Generator<JsonToken, number> {
    let end = from;
    while (end < chunk.length && !endsPlain(chunk[end] as number)) end += 1;
    this.held += chunk.toString("latin1", from, end);
    if (this.held.length > maxPlainLength) throw new MalformedAnswer("a number is too long");
    if (end === chunk.length) return end;
    const value = parsePlain(this.held);
    this.held = "";
    this.inside = undefined;
    this.expected = this.afterValue();
    yield { kind: "plain", value };
    return end;
  }

  private startString(): undefined {
    const isKey = this.expected === "key" || this.expected === "key or }";
    if (!isKey) this.startValue();
    this.inside = isKey ? "key" : "text";
  }

  private startValue(): void {
    if (this.expected !== "value" && this.expected !== "value or ]") {
      throw new MalformedAnswer(`a value stands where the JSON document needs ${this.expected}`);
    }
  }

  private startContainer(bracket: "{" | "["): JsonToken {
    if (this.expected !== "document") this.startValue();
    if (this.open.length === maxDepth) throw new MalformedAnswer("the JSON document is nested too deep");
    this.open.push(bracket);
    this.expected = bracket === "{" ? "key or }" : "value or ]";
    return { kind: "open", bracket };
  }

  private endContainer(bracket: "{" | "["): JsonToken {
    const emptied = bracket === "{" ? "key or }" : "value or ]";
    if (this.open.at(-1) !== bracket || (this.expected !== ", or end" && this.expected !== emptied)) {
      throw new MalformedAnswer("a bracket of the JSON document closes nothing");
    }
    this.open.pop();
    this.expected = this.afterValue();
    return { kind: "close" };
  }

  private step(from: Expected, to: Expected): undefined {
    if (this.expected !== from) throw new MalformedAnswer(`"${from}" stands where JSON needs ${this.expected}`);
    this.expected = to;
  }

  private afterValue(): Expected {
    return this.open.length > 0 ? ", or end" : "nothing";
  }
}

/** Where the text can be cut so that no escape is cut: its length, or less when it ends in half an escape. */
function lengthWithoutCutEscape(text: string): number {
  const last = text.lastIndexOf("\\");
  let run = last;
  while (run > 0 && text[run - 1] === "\\") run -= 1;
  const startsEscape = (last - run) % 2 === 0;
  if (!startsEscape) return text.length;
  const escapeLength = text[last + 1] === "u" ? 6 : 2;
  return text.length - last < escapeLength ? last : text.length;
}

function endsPlain(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20;
}

function parsePlain(text: string): number | boolean | null {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer("the JSON document contains something that is no value");
  }
}
