import type { IncomingImage, StoredImage } from "../image.ts";
import type { Caller, HistoryQuery, JobImage, JobView } from "./usecases.ts";

/** A page for one member: to paint over an image, or to see all images of their own. */
export type VisitPage =
  /** One image of a job; without an index, the first. */
  | { readonly kind: "paint"; readonly of: JobImage }
  /** An image that a member found in a chat. */
  | { readonly kind: "paint-file"; readonly file: IncomingImage }
  | { readonly kind: "gallery" };

/** The page that a visit leads to, as it is kept. */
export type VisitedPage =
  | { readonly kind: "paint"; readonly of: JobImage & { readonly index: number } }
  | { readonly kind: "paint-file"; readonly image: StoredImage }
  | { readonly kind: "gallery" };

/** A member's stay on a page, which began with a link that was opened once. */
export interface Visit {
  readonly id: string;
  readonly page: VisitedPage;
  /** The member where the link was asked for, without rights over others. */
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A link that was not opened yet. */
export interface OfferedVisit {
  readonly kind: VisitPage["kind"];
  /** The member whom it belongs to, as people know them. */
  readonly name: string;
}

/** The pages that members come to by links. */
export interface VisitUseCases {
  /** There are such pages. */
  readonly areOffered: boolean;
  /**
   * A link by which the caller comes to a page: once, within 15 minutes. Throws Refusal `no-pages`, `job-unknown`,
   * `job-erased`, `job-has-no-images`, `tenant-not-allowed`, and what a file throws.
   */
  offer(page: VisitPage, caller: Caller): Promise<string>;
  /** Looks at a link without using it. Throws Refusal `link-unknown`, `link-used`, `link-late`. */
  look(token: string): Promise<OfferedVisit>;
  /** Uses a link up; from then on `session`, a secret, stands for its member. Throws as `look` does. */
  open(token: string, session: string): Promise<Visit>;
  /** The visit that a session belongs to. Throws Refusal `visit-over`, `visit-not-yours`, `tenant-not-allowed`. */
  find(id: string, session: string | undefined): Promise<Visit>;
  /** The image that a page starts from, to be streamed. Throws Refusal `job-erased`, `job-unknown`. */
  image(visit: Visit): Promise<VisitedImage>;
  /** The member's own jobs in the tenant of the visit, newest first. */
  gallery(visit: Visit, query: HistoryQuery): Promise<readonly JobView[]>;
  /** An image of these jobs, to be streamed. Throws Refusal `job-unknown`, `job-has-no-images`. */
  galleryImage(visit: Visit, of: GalleryImage): Promise<VisitedImage>;
  /** Deletes one of these jobs, and the messages that show its images. Throws Refusal `job-unknown`, `job-not-finished`. */
  remove(visit: Visit, job: string): Promise<void>;
}

/** One image of a member's own job. */
export type GalleryImage = JobImage & { readonly index: number };

/** An image, and where it lies on this machine. */
export interface VisitedImage {
  readonly path: string;
  readonly image: StoredImage;
}

/** Signs and reads the links of visits. */
export interface VisitLinks {
  /** The address that the member is given; `until` in milliseconds since 1970. */
  sign(visit: { readonly id: string; readonly until: number }): string;
  /** Undefined when it was not made here, or was changed. */
  read(token: string): { readonly id: string; readonly until: number } | undefined;
}
