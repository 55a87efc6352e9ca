export const formats = ["png", "jpeg", "webp"] as const;
export type ImageFormat = (typeof formats)[number];

/** A result may also be a GIF, where a model makes animations; no service is asked for one, and none takes one. */
export const fileFormats = [...formats, "gif"] as const;
export type FileFormat = (typeof fileFormats)[number];

/** Width and height in pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
}

/** An image in the spool, checked by its bytes. */
export interface StoredImage extends Pixels {
  /** Key in the spool; never a path, never from outside. */
  readonly file: string;
  readonly sha256: string;
  readonly format: FileFormat;
  readonly bytes: number;
  /** A member attached an animation, and this is its first frame. */
  readonly firstFrame?: true | undefined;
}

/** An image of a job, as its owner wants it shown. */
export interface ShownImage extends StoredImage {
  /** The owner's own words for who cannot see it; undefined: they are made from the prompt. */
  readonly description?: string | undefined;
  /** Hidden until somebody looks; undefined: as it was posted. */
  readonly spoiler?: boolean | undefined;
}

/** A file that a member attached, not yet read. */
export interface IncomingImage {
  readonly filename: string;
  readonly source: RemoteFile | { readonly path: string };
}

export interface RemoteFile {
  readonly url: string;
  readonly authorization?: string;
  /** An origin such as `https://slack.com`: redirects to it and to hosts below it get the authorization, too. */
  readonly authorizedFor?: string;
}

/** Takes one image as it arrives; nothing of it is visible to others before `commit`. */
export interface ImageSink {
  /** The chunk may be reused by the caller once the promise resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** Whole on disk under its name (fsync, rename) once this resolves; the name is there for good once the answer is finished. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** Takes an unfinished image that is shown while its call runs; `discard` removes it even when it was committed. */
export interface PreviewSink extends ImageSink {
  /** Where it lies on this machine once it is committed. */
  readonly path: string;
}

/** The limits of one file at a place. */
export interface FileLimit {
  readonly bytes: number;
  readonly formats: readonly FileFormat[];
}

export interface Fitted {
  readonly path: string;
  readonly format: FileFormat;
  readonly bytes: number;
  /** True when it is no longer byte for byte what the service made. */
  readonly changed: boolean;
  /** The image is an animation, and this is its first frame alone. */
  readonly firstFrame?: true | undefined;
}
