import type { ImageSink } from "../../../image.ts";
import { ImageStrings } from "../../decode/image-strings.ts";
import type { Json } from "../../decode/json.ts";
import { JsonRest } from "../../decode/json-rest.ts";
import { type JsonToken, JsonTokens, MalformedAnswer } from "../../decode/json-tokens.ts";
import { untilSilent } from "../../decode/until-silent.ts";
import type { Answer } from "../../http/http.ts";

/** The places into which the images of a document go. */
export interface Places {
  /** Images from this place on are skipped. */
  readonly count: number;
  /** Places that are taken; grows. */
  readonly arrived: Set<number>;
  openImage(index: number): Promise<ImageSink>;
}

interface Text {
  readonly piece: string;
  readonly last: boolean;
}

type Tokens = AsyncGenerator<JsonToken, void>;

const imageKeys = ["b64_json", "url", "data", "image_urls", "images", "output", "result", "results", "urls"];
const maxUrlLength = 8192;
const longestShortAnswer = 64 * 1024;

/**
 * Reads a document about a task while it arrives: commits the images in it, whatever its shape, each under its
 * place in its list, and returns the rest, with null for each. Throws MalformedAnswer, and whatever `body` and the sinks
 * throw.
 */
export async function readDocument(answer: Pick<Answer, "body" | "drop">, places: Places): Promise<Json> {
  const document = new JsonRest();
  const position = new Position();
  const tokens = tokensOf(answer, position);
  for await (const token of tokens) {
    if (token.kind !== "text" || !imageKeys.includes(position.key)) {
      keep(document, token);
      continue;
    }
    const text = await beginningOf(token, tokens);
    if (isImage(text, position.key)) {
      await storeImage(text, tokens, position.index, places);
      document.put(null);
    } else document.text(text.piece, true);
  }
  return document.value;
}

/** The document of an answer that is short, and the answer as if nobody had looked. Throws what its body throws. */
export async function peek(answer: Answer): Promise<{ document: Json | undefined; answer: Answer }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const mayBeAll = () => bytes <= longestShortAnswer && parsed(Buffer.concat(chunks)) !== undefined;
  const body = untilSilent(answer.body, { mayBeAll, drop: answer.drop });
  for (let next = await body.next(); !next.done; next = await body.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > longestShortAnswer || !mayBeDocument(chunks))
      return { document: undefined, answer: { ...answer, body: joined(chunks, body) } };
  }
  return { document: parsed(Buffer.concat(chunks)), answer: { ...answer, body: joined(chunks, body) } };
}

function mayBeDocument([first]: readonly Uint8Array[]): boolean {
  return /^[\s\u{feff}]*([{[]|$)/u.test(Buffer.from(first ?? []).toString("utf8", 0, 100));
}

async function* joined(chunks: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    await rest.return?.(); // also when the reader stops before it comes so far
  }
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function* tokensOf({ body, drop }: Pick<Answer, "body" | "drop">, position: Position): Tokens {
  const tokens = new JsonTokens();
  for await (const chunk of untilSilent(body, { mayBeAll: () => tokens.isComplete, drop })) {
    for (const token of tokens.read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
      position.take(token);
      yield token;
    }
  }
  tokens.end();
}

function keep(document: JsonRest, token: JsonToken): void {
  if (token.kind === "open") document.open(token.bracket);
  else if (token.kind === "close") document.close();
  else if (token.kind === "key") document.key(token.piece, token.last);
  else if (token.kind === "plain") document.put(token.value);
  else document.text(token.piece, token.last);
}

/** All of a string, or as much as no URL is long. */
async function beginningOf(first: Text, tokens: Tokens): Promise<Text> {
  let { piece, last } = first;
  while (!last && piece.length <= maxUrlLength) {
    const more = await nextPiece(tokens);
    piece += more.piece;
    last = more.last;
  }
  return { piece, last };
}

async function nextPiece(tokens: Tokens): Promise<Text> {
  const { value } = await tokens.next();
  if (value?.kind === "text") return value;
  throw new MalformedAnswer("a string of the JSON document has no end", true);
}

function isImage({ piece }: Text, key: string): boolean {
  return piece.length > maxUrlLength || isDataUri(piece) || (key === "b64_json" && piece !== "");
}

function isDataUri(text: string): boolean {
  return /^data:/i.test(text);
}

async function storeImage(beginning: Text, tokens: Tokens, index: number, places: Places): Promise<void> {
  const wanted = index < places.count && !places.arrived.has(index);
  const image = wanted ? new ImageStrings(() => places.openImage(index)) : undefined;
  const key = isDataUri(beginning.piece) ? "url" : "b64_json";
  try {
    await image?.take(key, beginning.piece, beginning.last);
    for (let { last } = beginning; !last; ) {
      const more = await nextPiece(tokens);
      await image?.take(key, more.piece, more.last);
      last = more.last;
    }
    if (await image?.commit()) places.arrived.add(index);
  } finally {
    await image?.discard();
  }
}

/** Where in a document its reader stands. */
class Position {
  private readonly containers: { readonly isList: boolean; key: string; index: number }[] = [];
  private keySoFar = "";
  private insideText = false;

  /** The key in the nearest object, be the value in it or in a list in it. */
  get key(): string {
    return this.containers.findLast(({ isList }) => !isList)?.key ?? "";
  }

  /** In the nearest list. */
  get index(): number {
    return this.containers.findLast(({ isList }) => isList)?.index ?? 0;
  }

  take(token: JsonToken): void {
    const container = this.containers.at(-1);
    if (token.kind === "close") this.containers.pop();
    else if (token.kind === "key") this.takeKey(token);
    else if (container && !this.insideText) container.index += 1;
    if (token.kind === "open") this.containers.push({ isList: token.bracket === "[", key: "", index: -1 });
    this.insideText = token.kind === "text" && !token.last;
  }

  private takeKey({ piece, last }: Text): void {
    this.keySoFar += piece;
    const container = this.containers.at(-1);
    if (!last || !container) return;
    container.key = this.keySoFar;
    this.keySoFar = "";
  }
}
