import type { FileLimit, Pixels } from "../../image.ts";
import type { Kind } from "../magic.ts";

interface Files {
  readonly from: string;
  readonly to: string;
  /** What `from` is, by its first bytes. */
  readonly kind: Kind;
}

/** Work on one file, done in a process of its own. */
export type DecoderTask =
  | (Files & { readonly work: "sanitise"; readonly maxBytes: number })
  | (Files & { readonly work: "mask"; readonly first: Pixels; readonly maxBytes: number })
  | (Files & { readonly work: "fit"; readonly limit: FileLimit; readonly largestSide?: number });

/** A flaw of a file that could be decoded. */
export const flaws = ["too-many-pixels", "all-opaque", "no-transparency"] as const;
export type Flaw = (typeof flaws)[number];

/** `done`: the file is at `to`; `animated`: it is the first of several frames. `refused`: it is not, for a reason that a member can mend. */
export type DecoderAnswer =
  | { readonly done: true; readonly animated?: boolean }
  | { readonly refused: Flaw }
  | { readonly failed: string };
