import { type ImagePlace, isListItem, listAround, placeOf } from "./image-places.ts";
import { type DecodeOptions, type Found, ImageStrings } from "./image-strings.ts";
import type { JsonRest } from "./json-rest.ts";
import type { JsonToken } from "./json-tokens.ts";

/**
 * Numbers the images of an answer over all its documents. The first image of one list and the first of another are the
 * same image, told twice: one that is there already is not taken again.
 */
export class ImageNumbers {
  private readonly counts = new Map<string, number>();
  private readonly there = new Set<number>();
  readonly options: DecodeOptions;

  constructor(options: DecodeOptions) {
    this.options = options;
  }

  /** The number of the image that comes next in a list. */
  next(list: string): number {
    return this.counts.get(list) ?? 0;
  }

  pass(list: string): void {
    this.counts.set(list, this.next(list) + 1);
  }

  /** The last one was none. */
  takeBack(list: string): void {
    this.counts.set(list, this.next(list) - 1);
  }

  isWanted(index: number): boolean {
    return index < this.options.count && !this.there.has(index);
  }

  /** Every image that was asked for is there. */
  get isFull(): boolean {
    return this.there.size >= this.options.count;
  }

  arrived(index: number): void {
    this.there.add(index);
  }

  strings(index: number): ImageStrings | undefined {
    return this.isWanted(index) ? new ImageStrings(() => this.options.openImage(index)) : undefined;
  }
}

/** Lists of which every object stands for an image, also one that failed: OpenAI's own, and those called images. */
const ownLists = /(^|\.)(data|images)\.\[\]$/i;

/** One image of a document: an object of a list, an element of one, or the document itself. */
interface Item {
  readonly index: number;
  readonly list: string;
  readonly strings: ImageStrings | undefined;
}

interface CurrentString {
  readonly place: ImagePlace;
  readonly item: Item;
}

/** Finds the images of one JSON document, wherever relays put them, while the document is read. */
export class PlacedImages {
  private readonly numbers: ImageNumbers;
  private readonly document: JsonRest;
  /** By the depth of their objects; 0 is the document itself. */
  private readonly items = new Map<number, Item>();
  /** Lists whose objects may turn out to be images, by the depth of the object. */
  private readonly lists = new Map<number, string>();
  /** Undefined inside of a string that cannot be an image; null between strings. */
  private current: CurrentString | undefined | null = null;

  constructor(numbers: ImageNumbers, document: JsonRest) {
    this.numbers = numbers;
    this.document = document;
  }

  /** An object or list has been opened. */
  opened(): void {
    const { path, depth } = this.document;
    if (!isListItem(path)) return;
    const list = listAround(path);
    this.lists.set(depth, list);
    if (ownLists.test(list)) this.items.set(depth, this.newItem(list));
  }

  /** The innermost container is about to close. */
  async closing(): Promise<Found | undefined> {
    const { depth } = this.document;
    const item = this.items.get(depth);
    this.items.delete(depth);
    this.lists.delete(depth);
    return depth === 1 ? this.ended(this.items.get(0)) : this.ended(item);
  }

  /** Undefined when the string, of which this is a piece, is none that may be an image. */
  async text(piece: string, last: boolean): Promise<{ readonly found: Found | undefined } | undefined> {
    if (this.current === null) this.current = this.begin();
    const { current } = this;
    if (last) this.current = null;
    if (!current) return undefined;
    const { place, item } = current;
    await item.strings?.take(place.key, piece, last);
    if (!last) return { found: undefined };
    if (await item.strings?.commit()) return { found: this.committed(item) };
    if (!place.isElement) return { found: undefined };
    const found = await this.ended(item);
    if (!found) this.numbers.takeBack(item.list); // a word between images
    return { found };
  }

  async discard(): Promise<void> {
    for (const item of [...this.items.values(), ...(this.current ? [this.current.item] : [])]) {
      await item.strings?.discard();
    }
  }

  private begin(): CurrentString | undefined {
    const place = placeOf(this.document.path);
    if (!place) return undefined;
    return { place, item: place.isElement ? this.newItem(place.list) : this.itemAround(place.list) };
  }

  /** The nearest object of a list, or the document. */
  private itemAround(list: string): Item {
    let { depth } = this.document;
    while (depth > 0 && !this.items.has(depth) && !this.lists.has(depth)) depth -= 1;
    const known = this.items.get(depth);
    if (known) return known;
    const item = this.newItem(this.lists.get(depth) ?? list);
    this.items.set(depth, item);
    return item;
  }

  private newItem(list: string): Item {
    const index = this.numbers.next(list);
    this.numbers.pass(list);
    return { index, list, strings: this.numbers.strings(index) };
  }

  private committed({ index }: Item): Found {
    this.numbers.arrived(index);
    return { type: "image", index };
  }

  private async ended(item: Item | undefined): Promise<Found | undefined> {
    if (item && (await item.strings?.commitSvg())) return this.committed(item);
    const url = item?.strings?.url;
    return item && url !== undefined ? { type: "url", index: item.index, url } : undefined;
  }
}

/** Takes the next token of a document into its images, or into what is kept of it beside them. */
export async function takeToken(
  token: JsonToken,
  document: JsonRest,
  images: PlacedImages,
): Promise<Found | undefined> {
  switch (token.kind) {
    case "open":
      document.open(token.bracket);
      images.opened();
      return undefined;
    case "close": {
      const found = await images.closing();
      document.close();
      return found;
    }
    case "key":
      document.key(token.piece, token.last);
      return undefined;
    case "plain":
      document.put(token.value);
      return undefined;
    case "text": {
      const taken = await images.text(token.piece, token.last);
      if (!taken) document.text(token.piece, token.last);
      return taken?.found;
    }
  }
}
