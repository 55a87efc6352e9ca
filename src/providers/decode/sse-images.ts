import { type DecodeOptions, type Found, ImageStrings, isImageKey } from "./image-strings.ts";
import { type Json, reportsError } from "./json.ts";
import { JsonRest } from "./json-rest.ts";
import { type JsonToken, JsonTokens, MalformedAnswer } from "./json-tokens.ts";
import { PreviewStrings } from "./preview-strings.ts";
import { SseLines, type SseToken } from "./sse-lines.ts";

/**
 * Finds the images in a stream of events (OA-16: `image_generation.completed`, `image_edit.completed`); finished ones
 * are numbered as they come, previews are taken where somebody wants them. Throws MalformedAnswer.
 */
export class EventReader {
  private readonly options: DecodeOptions;
  private readonly lines = new SseLines();
  private event: ImageEvent | undefined;
  private index = 0;
  private ended = false;

  constructor(options: DecodeOptions) {
    this.options = options;
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
    if (token.kind === "end") yield* this.endEvent(token.name);
    else if (await this.eventFor(token)?.read(token.chunk, token.name)) {
      yield { type: "image", index: this.index };
      this.index += 1;
    }
  }

  /** Undefined for data that is no JSON object, such as `[DONE]`. */
  private eventFor({ chunk }: { readonly chunk: Buffer }): ImageEvent | undefined {
    const { index, options } = this;
    const first = chunk.find((byte) => byte > 0x20);
    if (!this.event && first === 0x7b) {
      const { openPreview } = options;
      const open = index < options.count ? () => options.openImage(index) : undefined;
      this.event = new ImageEvent(open, open && openPreview && (() => openPreview(index)));
    }
    return this.event;
  }

  private async *endEvent(name: string): AsyncGenerator<Found> {
    const event = this.event;
    if (!event) return;
    const { image, url, preview, rest } = await event.end(name);
    this.event = undefined;
    if (image) yield { type: "image", index: this.index };
    else if (url !== undefined) yield { type: "url", index: this.index, url };
    if (image || url !== undefined) this.index += 1;
    if (preview !== undefined) yield { type: "partial", index: this.index, path: preview };
    if (event.isPreview) return;
    this.ended ||= this.index > 0 || event.isFinal || reportsError(rest);
    yield { type: "rest", value: rest };
  }
}

interface EndedEvent {
  /** It had an image, which is committed only now. */
  readonly image: boolean;
  readonly url: string | undefined;
  /** It was a preview, which is there now. */
  readonly preview: string | undefined;
  readonly rest: Json;
}

/** One event's JSON object. Whether its image is a preview may stand before or behind it. */
class ImageEvent {
  private readonly tokens = new JsonTokens();
  private readonly document = new JsonRest();
  /** Undefined when its image is not wanted. */
  private readonly strings: ImageStrings | undefined;
  /** Undefined when nobody wants to see its preview. */
  private readonly preview: PreviewStrings | undefined;
  private name = "";

  constructor(
    open: ConstructorParameters<typeof ImageStrings>[0] | undefined,
    openPreview: ConstructorParameters<typeof PreviewStrings>[0] | undefined,
  ) {
    this.strings = open && new ImageStrings(open);
    this.preview = openPreview && new PreviewStrings(openPreview);
  }

  get isPreview(): boolean {
    const { partial_image_index: preview } = this.values;
    return typeof preview === "number" || /partial/i.test(this.kind);
  }

  get isFinal(): boolean {
    return !this.isPreview && /completed/i.test(this.kind);
  }

  /** True when it brought an image, which is committed. */
  async read(chunk: Buffer, name: string): Promise<boolean> {
    this.name = name;
    let committed = false;
    for (const token of this.tokens.read(chunk)) committed = (await this.take(token)) || committed;
    return committed;
  }

  async end(name: string): Promise<EndedEvent> {
    this.name = name;
    this.tokens.end();
    if (this.isPreview) {
      await this.strings?.discard();
      return { image: false, url: undefined, preview: await this.preview?.commit(), rest: this.rest };
    }
    await this.preview?.discard();
    const image = (await this.strings?.commit()) === true;
    return { image, url: this.strings?.url, preview: undefined, rest: this.rest };
  }

  async discard(): Promise<void> {
    await this.strings?.discard();
    await this.preview?.discard();
  }

  private get values(): { readonly [key: string]: Json } {
    return this.document.value as { [key: string]: Json }; // JsonTokens lets nothing but an object through
  }

  private get kind(): string {
    return `${this.name} ${this.values.type}`;
  }

  /** An event of the name `error` may hold the error itself. */
  private get rest(): Json {
    const { values } = this;
    const fails = this.name === "error" || values.type === "error";
    return fails && !values.error ? { error: values } : values;
  }

  private async take(token: JsonToken): Promise<boolean> {
    if (token.kind === "open") this.document.open(token.bracket);
    else if (token.kind === "close") this.document.close();
    else if (token.kind === "key") this.document.key(token.piece, token.last);
    else if (token.kind === "plain") this.document.put(token.value);
    else return this.text(token.piece, token.last);
    return false;
  }

  private async text(piece: string, last: boolean): Promise<boolean> {
    const key = this.document.keyInRoot;
    if (!isImageKey(key)) {
      this.document.text(piece, last);
      return false;
    }
    // Where only what comes behind it tells that this is a preview, it is not shown.
    await (this.isPreview ? this.preview : this.strings)?.take(key, piece, last);
    return last && this.isFinal && (await this.strings?.commit()) === true;
  }
}
