import type { PlatformContext } from "../platform.ts";
import type { UploadOptions } from "./upload.ts";

export interface ApiOptions {
  readonly context: PlatformContext;
  readonly uploads: UploadOptions;
  /** Aborts when the platform stops. */
  readonly closing: AbortSignal;
  /** The page shows how to sign out. */
  readonly signedIn: boolean;
}
