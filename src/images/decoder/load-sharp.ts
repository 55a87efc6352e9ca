import type { SharpOptions } from "sharp";
import type { Kind } from "../magic.ts";

export type Sharp = typeof import("sharp").default;

/** 33 megapixels: four times the largest image that any service makes. */
export const maxPixels = 33_000_000;

/** How every file from outside is opened: damaged pixels are an error, and size is bounded before anything is decoded. */
export const untrusted: SharpOptions = { failOn: "error", limitInputPixels: maxPixels };

/** libvips' own names of its decoders. */
const decoders: Readonly<Record<Kind, string>> = {
  png: "VipsForeignLoadPng",
  jpeg: "VipsForeignLoadJpeg",
  webp: "VipsForeignLoadWebp",
  gif: "VipsForeignLoadNsgif",
  avif: "VipsForeignLoadHeif", // the prebuilt one has no HEVC, so HEIC photographs stay closed
};

/** sharp, able to read this kind of file and nothing else, whatever else the file may look like. */
export async function loadSharp(kind: Kind): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ["VipsForeignLoad"] }); // else it also opens SVG, TIFF and more
  sharp.unblock({ operation: [decoders[kind]] });
  return sharp;
}
