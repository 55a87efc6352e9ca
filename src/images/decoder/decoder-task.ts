import type { FileLimit, Pixels } from "../../image.ts";
import type { Kind } from "../magic.ts";

/** Work on the bytes of one image, done in a process of its own; `kind` is what they are, by their first ones. */
export type DecoderTask =
  | { readonly work: "sanitise"; readonly kind: Kind; readonly maxBytes: number }
  | { readonly work: "mask"; readonly kind: Kind; readonly first: Pixels; readonly maxBytes: number }
  | {
      readonly work: "fit";
      readonly kind: Kind;
      readonly limit: FileLimit;
      readonly largestSide?: number;
      /** A model made the image, and the new file says so. */
      readonly marked?: boolean;
    };

/** Reasons why a file that could be decoded is not used. */
export const flaws = ["too-many-pixels", "all-opaque", "no-transparency"] as const;
export type Flaw = (typeof flaws)[number];

/** The image that a task made, or why it made none. */
export type Made = { readonly image: Buffer; readonly firstOfMany: boolean } | { readonly refused: Flaw };

/**
 * `done`: there is an image; it is the first of several in its file when `firstOfMany`. `refused`: there is none, for a
 * reason that a member can mend.
 */
export type DecoderAnswer =
  | { readonly done: true; readonly firstOfMany: boolean }
  | { readonly refused: Flaw }
  | { readonly failed: string };

/** Comes from a decoder before the bytes of its image. */
export type DecoderMessage =
  | { readonly ready: true }
  | { readonly done: true; readonly firstOfMany: boolean; readonly bytes: number }
  | { readonly refused: Flaw }
  | { readonly failed: string };
