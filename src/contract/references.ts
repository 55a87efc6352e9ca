import type { IncomingImage, StoredImage } from "../image.ts";
import type { Caller, JobImage } from "./usecases.ts";

/** An image that was saved under a name: `@fox` in a prompt starts from it. */
export interface SavedImage {
  readonly name: string;
  /** It belongs to the tenant, for everybody there; else to the caller alone, there. */
  readonly shared: boolean;
  readonly image: StoredImage;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** A prompt that names it means another one: the caller's own, which is called the same. */
  readonly hidden?: boolean | undefined;
}

/** An image to save; it takes the place of the one of that name. */
export interface NewSavedImage {
  readonly name: string;
  readonly shared?: boolean | undefined;
  /** The images to choose from: files of the member's own, which come first, or else those of a job. */
  readonly images?: readonly IncomingImage[] | undefined;
  readonly of?: JobImage | undefined;
  /** Which of these, from 1; else the one that `of` names, or the first. */
  readonly number?: number | undefined;
}

/** Names a saved image among the caller's own and those of the tenant; an own one comes first. */
export interface SavedImageName {
  /** With or without its @. */
  readonly name: string;
  /** Only among those of the tenant. */
  readonly shared?: boolean | undefined;
}

/** Images under names. Each call may throw Refusal `reference-*`; what is for all in a tenant also `admins-only`. */
export interface ReferenceUseCases {
  /** The caller's own, then those of the tenant; by name. */
  list(caller: Caller): Promise<readonly SavedImage[]>;
  /** The names of these, each once. */
  names(caller: Caller): Promise<readonly string[]>;
  show(image: SavedImageName, caller: Caller): Promise<SavedImage>;
  /** Throws also what a draft with this image throws. */
  save(image: NewSavedImage, caller: Caller): Promise<SavedImage>;
  /** Jobs that were accepted with it stay as they are. */
  remove(image: SavedImageName, caller: Caller): Promise<SavedImage>;
}
