import type { Request } from "../request.ts";
import type { AsWritten, BatchOffer, BatchView, Draft, JobImage, JobView, QuoteView } from "./usecases.ts";

/** Something to be made: one of the ways in which a member can ask for images. */
export type Order =
  /** Words, and files of the member's own. */
  | { readonly kind: "draft"; readonly draft: Draft }
  /**
   * Images of an earlier job, changed as the draft says; where it is silent, the new job is like that one. With `canvas`,
   * the first of the draft's images takes their place: it is that image with room around it.
   */
  | { readonly kind: "edit"; readonly of: JobImage; readonly draft: Draft; readonly canvas?: boolean | undefined }
  /** The same request once more, the same prompt over one of its images, or one of its images at the next tier. */
  | { readonly kind: Repetition; readonly of: JobImage }
  /** All parts of a batch once more. */
  | { readonly kind: "batch-again"; readonly of: JobImage }
  /** A draft, drawn at a higher quality, and one size larger where that is allowed; its price is always asked about first. */
  | { readonly kind: "final"; readonly of: JobImage }
  /** Yes to a confirmation: exactly what was asked for then, or the sentence as it was written, for no more than was shown. */
  | { readonly kind: "confirmation"; readonly id: string; readonly asWritten?: boolean | undefined };

export type Repetition = "again" | "vary" | "upscale";

/** A job just before it is accepted, as far as its announcement needs to know it. */
export interface Announcement {
  /** The result is for the member alone. */
  readonly private: boolean;
  /** Where it was asked for; after a confirmation, where the member asked at first. */
  readonly replyTarget: string;
}

export interface SubmitOptions {
  /** The caller has seen the price of just this order, so it alone is no reason to ask for confirmation. */
  readonly confirmed?: boolean | undefined;
  /** The caller has also seen what is told with the price of just these words: that one of them names no saved image. */
  readonly sawNotes?: boolean | undefined;
  /**
   * Nobody is there to be asked: where a price would be asked about, nothing is made. Throws Refusal `step-too-dear` then;
   * a word that names no saved image is a word.
   */
  readonly unattended?: boolean | undefined;
  /**
   * Announces the job where its result will go, and gives the reply target that is kept with the job. Called at most once,
   * when everything that can be checked beforehand was checked; never for a confirmation, or for an event that made its
   * job before. When `submit` throws after it, the announcement is to be taken back.
   */
  announce?(announcement: Announcement): Promise<string>;
}

/** The outcome of an order. */
export type Submitted =
  | { readonly kind: "job"; readonly job: JobView }
  | { readonly kind: "batch"; readonly batch: BatchView }
  /** It costs more than the member spends unasked, is a batch, or options were taken out of a sentence: nothing is held or queued yet. */
  | { readonly kind: "confirmation"; readonly confirmation: Confirmation };

/** A request with its price. */
export interface Offer {
  readonly request: Request;
  readonly quote: QuoteView;
  /** It is a batch: the request is its first part's, with the prompt as it was written. */
  readonly batch?: BatchOffer | undefined;
}

/** A question to the member before more is spent than they spend without being asked; it is open for an hour. */
export interface Confirmation extends Offer {
  readonly id: string;
  /** Set when options were taken out of the member's sentence, or alternatives were read in it. */
  readonly words?: WordsTaken | undefined;
}

/** The options that were taken out of a sentence, and the sentence as it was written. */
export interface WordsTaken {
  readonly taken: Omit<AsWritten, "prompt">;
  /** Undefined when no service can draw it so. */
  readonly asWritten: Offer | undefined;
}
