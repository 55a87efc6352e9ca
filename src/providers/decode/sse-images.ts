import { type ImagePlace, placeOf } from "./image-places.ts";
import type { DecodeOptions, Found, ImageStrings } from "./image-strings.ts";
import { type Json, reportsError } from "./json.ts";
import { JsonRest } from "./json-rest.ts";
import { type JsonToken, JsonTokens, MalformedAnswer } from "./json-tokens.ts";
import { ImageNumbers, PlacedImages, takeToken } from "./placed-images.ts";
import { PreviewStrings } from "./preview-strings.ts";
import { SseLines, type SseToken } from "./sse-lines.ts";

/**
 * Finds the images in a stream of events (OA-16: `image_generation.completed`, `image_edit.completed`); finished ones
 * are numbered as they come, previews are taken where somebody wants them. Throws MalformedAnswer.
 */
export class EventReader {
  private readonly numbers: ImageNumbers;
  private readonly lines = new SseLines();
  private event: ImageEvent | undefined;
  private found = false;
  private marked = false;
  private ended = false;

  constructor(options: DecodeOptions) {
    this.numbers = new ImageNumbers(options);
  }

  /** The end mark came, or every image with the end of its event. */
  get isComplete(): boolean {
    return this.ended && !this.event && (this.marked || this.numbers.isFull);
  }

  async *read(chunk: Buffer): AsyncGenerator<Found> {
    for (const token of this.lines.read(chunk)) yield* this.take(token);
  }

  async *end(): AsyncGenerator<Found> {
    for (const token of this.lines.end()) yield* this.take(token);
    if (!this.ended) throw new MalformedAnswer("the events end before an image is finished", true);
  }

  async discard(): Promise<void> {
    await this.event?.discard();
  }

  private async *take(token: SseToken): AsyncGenerator<Found> {
    for await (const found of token.kind === "end" ? this.endEvent(token.name) : this.data(token.chunk, token.name)) {
      this.found ||= found.type === "image" || found.type === "url";
      yield found;
    }
  }

  /** Data that is no JSON object, such as `[DONE]`, is passed over. */
  private async *data(chunk: Buffer, name: string): AsyncGenerator<Found> {
    const first = chunk.find((byte) => byte > 0x20);
    if (!this.event && first === 0x7b) this.event = new ImageEvent(this.numbers);
    this.marked ||= !this.event && chunk.toString("latin1").trim() === "[DONE]";
    if (this.event) yield* this.event.read(chunk, name);
  }

  private async *endEvent(name: string): AsyncGenerator<Found> {
    const { event } = this;
    if (!event) return;
    yield* event.end(name);
    this.event = undefined;
    if (event.isPreview) return;
    this.ended ||= this.found || event.isFinal || reportsError(event.rest);
    yield { type: "rest", value: event.rest };
  }
}

/** One event's JSON object. Whether its image is a preview may stand before or behind it. */
class ImageEvent {
  private readonly tokens = new JsonTokens();
  private readonly document = new JsonRest();
  private readonly numbers: ImageNumbers;
  /** The number of the image that stands in the event itself. */
  private readonly index: number;
  /** Undefined when that image is not wanted. */
  private readonly strings: ImageStrings | undefined;
  /** Undefined when nobody wants to see its preview. */
  private readonly preview: PreviewStrings | undefined;
  /** Images in lists: a stream may end with a whole document. */
  private readonly placed: PlacedImages;
  private name = "";
  /** The place of the string that is being read, when it is that of the event's own image. */
  private own: ImagePlace | undefined;

  constructor(numbers: ImageNumbers) {
    const index = numbers.next("");
    const { openPreview } = numbers.options;
    this.numbers = numbers;
    this.index = index;
    this.strings = numbers.strings(index);
    this.preview = this.strings && openPreview && new PreviewStrings(() => openPreview(index));
    this.placed = new PlacedImages(numbers, this.document);
  }

  get isPreview(): boolean {
    const { partial_image_index: preview } = this.values;
    return typeof preview === "number" || /partial/i.test(this.kind);
  }

  get isFinal(): boolean {
    return !this.isPreview && /completed/i.test(this.kind);
  }

  async *read(chunk: Buffer, name: string): AsyncGenerator<Found> {
    this.name = name;
    for (const token of this.tokens.read(chunk)) {
      const found = await this.take(token);
      if (found) yield found;
    }
  }

  async *end(name: string): AsyncGenerator<Found> {
    this.name = name;
    this.tokens.end();
    const { index } = this;
    if (this.isPreview) {
      await this.strings?.discard();
      const path = await this.preview?.commit();
      if (path !== undefined) yield { type: "partial", index, path };
      return;
    }
    await this.preview?.discard();
    const image = await this.commit();
    const url = this.strings?.url;
    if (image) yield image;
    else if (url === undefined) return;
    else {
      this.numbers.pass("");
      yield { type: "url", index, url };
    }
  }

  async discard(): Promise<void> {
    await this.strings?.discard();
    await this.preview?.discard();
    await this.placed.discard();
  }

  private get values(): { readonly [key: string]: Json } {
    return this.document.value as { [key: string]: Json }; // JsonTokens lets nothing but an object through
  }

  private get kind(): string {
    return `${this.name} ${this.values.type}`;
  }

  /** An event of the name `error` may hold the error itself. */
  get rest(): Json {
    const { values } = this;
    const fails = this.name === "error" || values.type === "error";
    return fails && !values.error ? { error: values } : values;
  }

  private async take(token: JsonToken): Promise<Found | undefined> {
    const place = token.kind === "text" ? (this.own ?? placeOf(this.document.path)) : undefined;
    if (token.kind !== "text" || place?.list !== "") return takeToken(token, this.document, this.placed);
    this.own = token.last ? undefined : place;
    // Where only what comes behind it tells that this is a preview, it is not shown.
    await (this.isPreview ? this.preview : this.strings)?.take(place.key, token.piece, token.last);
    return token.last && this.isFinal ? this.commit() : undefined;
  }

  private async commit(): Promise<Found | undefined> {
    if (!(await this.strings?.commit())) return undefined;
    this.numbers.pass("");
    this.numbers.arrived(this.index);
    return { type: "image", index: this.index };
  }
}
