import { bulkhead } from "cockatiel";
import type { SharpOptions } from "sharp";

export type Sharp = typeof import("sharp").default;

/** 33 megapixels: four times the largest image that any service makes. */
export const maxPixels = 33_000_000;

/** How every file from outside is opened: damaged pixels are an error, and size is bounded before anything is decoded. */
export const untrusted: SharpOptions = { failOn: "error", limitInputPixels: maxPixels };

const decoders = bulkhead(2, Number.POSITIVE_INFINITY);
let loading: Promise<Sharp> | undefined;

/** sharp, loaded when the first image arrives (it takes 41 ms), and able to read nothing but JPEG, PNG and WebP. */
export function loadSharp(): Promise<Sharp> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ["VipsForeignLoad"] }); // else it also opens SVG, GIF, TIFF and HEIF
    sharp.unblock({ operation: ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"] });
    return sharp;
  });
  return loading;
}

/** Does work that decodes whole images, two at a time in this process, first come, first served. */
export async function decoding<Result>(work: (sharp: Sharp) => Promise<Result>): Promise<Result> {
  const sharp = await loadSharp();
  return decoders.execute(() => work(sharp));
}
