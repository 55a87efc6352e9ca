import { setTimeout as delay } from "node:timers/promises";
import type { Downloader, DownloadProgress } from "./download.ts";
import { DownloadError } from "./download-error.ts";

/** Pauses between the tries: 52 seconds in all. */
const defaultPausesMs = [250, 1000, 3000, 8000, 15_000, 25_000];
/** A file that is not there may be about to come (a storage that copies), but not for long. */
const triesOfMissing = 3;
const longestPauseMs = 25_000;

/**
 * Downloads again, a few times within a minute, while that may succeed: a GET costs nothing, and what it brings was paid
 * for. A file of which a part has come goes on from there, where the server says that it is still the same file.
 */
export function persistent(download: Downloader, pausesMs: readonly number[] = defaultPausesMs): Downloader {
  return async function* downloadAgain(url, limits) {
    const progress: DownloadProgress = { bytes: 0, validator: undefined };
    for (let tries = 0; ; tries += 1) {
      try {
        return yield* download(url, { ...limits, progress });
      } catch (error) {
        const pause = pausesMs[tries];
        if (pause === undefined || !(error instanceof DownloadError) || !mayPass(error, progress, tries)) throw error;
        const asked = Math.min(error.retryAfterMs ?? 0, longestPauseMs);
        await delay(Math.max(pause, asked), undefined, limits.signal ? { signal: limits.signal } : {}).catch(() => {
          throw new DownloadError("aborted", "given up", { cause: error });
        });
      }
    }
  };
}

function mayPass({ fault, status, retryable }: DownloadError, progress: DownloadProgress, tries: number): boolean {
  if (fault === "timeout") return false; // it had minutes
  if (progress.bytes > 0 && progress.validator === undefined) return false; // its beginning cannot be taken back
  if (status === 404 || status === 425) return tries < triesOfMissing;
  return retryable;
}
