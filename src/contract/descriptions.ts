import type { Caller, GalleryImage, JobView } from "./usecases.ts";

/** A change of how an image is shown; what is absent stays. */
export interface DescriptionChange {
  readonly of: GalleryImage;
  /** Read to who cannot see the image; empty: made from the prompt again. */
  readonly alt?: string | undefined;
  /** Hidden until somebody looks. A tenant that hides all images hides it all the same. */
  readonly spoiler?: boolean | undefined;
}

/** Jobs whose images are shown as their owner wants. */
export interface DescribedJobs {
  readonly jobs: readonly JobView[];
  /** The tenant hides all images: none of them can be shown openly. */
  readonly hidesAll: boolean;
}

/**
 * The words and the spoilers of posted images, by the one who asked for them. Each call throws Refusal `job-unknown`,
 * `job-not-yours`, `job-not-finished` (also while another part of the batch is), `job-erased`, `job-has-no-images`.
 */
export interface DescriptionUseCases {
  /** The jobs of these ids, each once, if the caller may describe their images. */
  of(jobs: readonly string[], caller: Caller): Promise<DescribedJobs>;
  /** All of it or nothing. Throws also `description-too-long`, `member-blocked`, `word-blocked`. */
  change(changes: readonly DescriptionChange[], caller: Caller): Promise<DescribedJobs>;
}
