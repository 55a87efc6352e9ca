import { MalformedAnswer } from "./json-tokens.ts";

/** `name` is the event's name as far as it is known: a service may write it behind the data. */
export type SseToken =
  | { readonly kind: "data"; readonly name: string; readonly chunk: Buffer }
  | { readonly kind: "end"; readonly name: string };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const newLine = Buffer.from([lineFeed]);
const maxNameLength = 100;
/** A sign of life each hundredth of a second for ten minutes has fewer. */
const maxLines = 200_000;

/**
 * Cuts a stream of server-sent events that arrives in chunks into the data of its events, piece by piece: no line is
 * held. Comments and other fields are passed over. Of the WHATWG standard it is broader in one thing: an event that
 * the stream's end cuts off ends there.
 */
export class SseLines {
  /** The name of the event that is being read. */
  private event = "";
  /** The field's name as far as it has come, and the whole of it. */
  private name = "";
  private field: string | undefined;
  private atValue = false;
  private afterReturn = false;
  private lines = 0;

  /** The tokens of the next chunk, which must not change until all are taken. Throws MalformedAnswer. */
  *read(chunk: Buffer): Generator<SseToken> {
    if (chunk.length === 0) return;
    let at = this.afterReturn && chunk[0] === lineFeed ? 1 : 0;
    this.afterReturn = false;
    while (at < chunk.length) {
      const end = endOfLine(chunk, at);
      yield* this.piece(chunk.subarray(at, end));
      if (end === chunk.length) return;
      yield* this.endLine();
      at = end + 1;
      if (chunk[end] !== carriageReturn) continue;
      if (at === chunk.length) this.afterReturn = true;
      else if (chunk[at] === lineFeed) at += 1;
    }
  }

  *end(): Generator<SseToken> {
    yield { kind: "end", name: this.event };
  }

  private *piece(piece: Buffer): Generator<SseToken> {
    const value = this.field === undefined ? this.startOfValue(piece) : piece;
    if (value.length === 0) return;
    const rest = this.atValue && value[0] === 0x20 ? value.subarray(1) : value;
    this.atValue = false;
    if (this.field === "data") yield { kind: "data", name: this.event, chunk: rest };
    else if (this.field === "event") this.event = grown(this.event, rest);
  }

  /** Returns the part of the piece that stands behind the field's name and colon. */
  private startOfValue(piece: Buffer): Buffer {
    const colon = piece.indexOf(":");
    this.name = grown(this.name, colon < 0 ? piece : piece.subarray(0, colon));
    if (colon < 0) return piece.subarray(piece.length);
    this.field = this.name.replace("\u00ef\u00bb\u00bf", ""); // a byte order mark, read as latin1
    this.atValue = true;
    if (this.field === "event") this.event = "";
    return piece.subarray(colon + 1);
  }

  private *endLine(): Generator<SseToken> {
    const { field, event } = this;
    this.lines += 1;
    if (this.lines > maxLines) throw new MalformedAnswer("the events of the answer have too many lines");
    const isBlank = field === undefined && this.name === "";
    this.name = "";
    this.field = undefined;
    if (field === "data") yield { kind: "data", name: event, chunk: newLine };
    if (!isBlank) return;
    this.event = "";
    yield { kind: "end", name: event };
  }
}

function grown(text: string, piece: Buffer): string {
  return text + piece.toString("latin1", 0, maxNameLength - text.length);
}

/** The chunk's length when the line goes on beyond it. */
function endOfLine(chunk: Buffer, from: number): number {
  const feed = chunk.indexOf(lineFeed, from);
  const end = feed < 0 ? chunk.length : feed;
  // Looking no further than the line feed: else many short lines would take the square of their length.
  const back = chunk.subarray(from, end).indexOf(carriageReturn);
  return back < 0 ? end : from + back;
}
