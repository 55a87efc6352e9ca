import type { Cache } from "../../../world.ts";
import type { ReplyTarget } from "../reply-target.ts";

const MiB = 1024 * 1024;
/** A bot may send this much in one file without a boosted guild. */
const usualBytes = 10 * MiB;
/** A request may have 25 MiB; the rest is for the text around the files. */
const requestBytes = 24.5 * MiB;
const smallestBytes = MiB / 2;
const rememberMs = 24 * 3_600_000;

/** Knows how large files may be in one place; Discord's limits move, differ by guild, and are promised too high at times. */
export interface UploadLimits {
  readonly file: number;
  /** All files of one message. */
  readonly request: number;
}

/** Resolves to the sizes that Discord promised there, unless they have turned out to be less. */
export async function uploadLimits(target: ReplyTarget, cache: Cache): Promise<UploadLimits> {
  const promised = target.uploadBytes ?? usualBytes;
  const learned = await cache.get<number>(noteFor(target));
  return limitsFor(Math.min(promised, learned ?? promised));
}

/** A file of `bytes` was too large: what to try next, remembered for the place. Undefined when nothing smaller makes sense. */
export async function lessThan(bytes: number, target: ReplyTarget, cache: Cache): Promise<UploadLimits | undefined> {
  const file = bytes > usualBytes ? usualBytes : Math.floor(bytes / 2);
  if (file < smallestBytes) return undefined;
  await cache.set(noteFor(target), file, rememberMs);
  return limitsFor(file);
}

function limitsFor(file: number): UploadLimits {
  return { file, request: Math.max(requestBytes, file) };
}

function noteFor({ guild, channel }: ReplyTarget): string {
  return `discord:upload:${guild ?? channel}`;
}
