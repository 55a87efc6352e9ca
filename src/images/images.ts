import type { FileLimit, Fitted, ImageSink, IncomingImage, PreviewSink, StoredImage } from "../image.ts";
import type { SweepOptions, Swept } from "./spool/sweep.ts";
import type { Sender } from "./take.ts";

/** The files that arrived for one attempt. */
export interface Received {
  /** The whole answer was read; false when the process died in the middle of it. */
  readonly complete: boolean;
  /** Committed images by index, checked by their bytes. */
  readonly images: readonly { readonly index: number; readonly image: StoredImage }[];
  /** Committed files that are not images, or none that is shown. */
  readonly damaged: readonly number[];
  /** The format of the first of these, where it is known: `SVG`. */
  readonly foreignFormat?: string | undefined;
}

/** Image bytes, on disk and checked: the only door of this room. */
export interface Images {
  /** Fetches, checks and cleans a member's file into the spool. Throws Refusal `image-*`. */
  take(incoming: IncomingImage, sender?: Sender): Promise<StoredImage>;
  /** The same for a mask, brought to the pixels of `first`, as a PNG with alpha. Throws Refusal `mask-*`, `image-*`. */
  takeMask(incoming: IncomingImage, first: StoredImage, sender?: Sender): Promise<StoredImage>;
  /** Removes a member's file at once unless it is needed; a result is left alone. */
  discard(image: { readonly file: string }, isNeeded: () => Promise<boolean>): Promise<void>;
  /** A place for image `index` of an attempt. */
  openResult(attempt: string, index: number): Promise<ImageSink>;
  /** A place on this disk for an unfinished image of an attempt; whoever opened it discards it. */
  openPreview(attempt: string, index: number): Promise<PreviewSink>;
  /** Records on disk, and in the shared storage, that the whole answer of the attempt was read. */
  finish(attempt: string): Promise<void>;
  /** Reads what has arrived for an attempt; `indices` are those of all its images, for whoever kept them all just now. */
  received(attempt: string, indices?: readonly number[]): Promise<Received>;
  /** GETs a public https URL (or one at a trusted origin) into `sink`; without credentials. Throws DownloadError. */
  download(url: string, sink: ImageSink, signal: AbortSignal): Promise<void>;
  /** Where the file is once `has`, `fit` or `received` have said that it is there. */
  pathOf(image: { readonly file: string }): string;
  /**
   * Is the file still there? With shared storage it is brought to this disk first, so this is to be asked before every
   * use; throws when the storage is out of reach.
   */
  has(image: { readonly file: string }): Promise<boolean>;
  /** There is space on disk for `bytes` more, with a reserve; none on a disk that cannot be written to. */
  hasSpaceFor(bytes: number): Promise<boolean>;
  /** The image itself when it fits, else the best JPEG or WebP that does. */
  fit(image: StoredImage, limit: FileLimit): Promise<Fitted>;
  /** Removes what nothing refers to and is older than an hour; sends what the shared storage does not have yet. */
  sweep(options: SweepOptions): Promise<Swept>;
  /** The size of the spool on this disk, as of the last sweep. */
  size(): Promise<{ readonly files: number; readonly bytes: number }>;
  /** Throws when there is a shared storage and it cannot be reached. */
  check(): Promise<void>;
}

/** An image takes at most this much on disk: a 4K PNG of noise has 24 MB. */
export const maxBytesPerImage = 25_000_000;
