import type { Kind } from "./magic.ts";

/** 33 megapixels: four times the largest image that any service makes. Larger ones are shrunk while they are decoded. */
export const maxPixels = 33_000_000;

/**
 * The largest image of each kind that a member may send. The cameras of telephones make JPEGs of 200 megapixels. Where
 * a decoder needs all pixels in memory at once, that memory is the limit.
 */
export const maxPixelsIn: Readonly<Record<Kind, number>> = {
  jpeg: 200_000_000,
  png: 200_000_000,
  webp: 100_000_000,
  avif: 64_000_000,
  heic: 64_000_000,
  gif: maxPixels,
};

/** Interlaced, a PNG is decoded as a whole. */
export const maxInterlacedPixels = 64_000_000;

/** Both sides are divided by this, so that no more than `maxPixels` remain: 1, 2, 4 or 8, as JPEG can be decoded. */
export function shrinkFor(width: number, height: number): number {
  return [1, 2, 4].find((factor) => width * height <= maxPixels * factor ** 2) ?? 8;
}
