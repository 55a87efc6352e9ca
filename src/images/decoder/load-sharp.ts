import type { SharpOptions } from "sharp";
import type { Kind } from "../magic.ts";

export type Sharp = typeof import("sharp").default;

/** 33 megapixels: four times the largest image that any service makes. */
export const maxPixels = 33_000_000;

/**
 * How many pixels a member's file may have; what is above `maxPixels` is shrunk while it is decoded. A JPEG is decoded at
 * a half to an eighth and a PNG row by row; the others are decoded whole, in the memory that a decoder may use.
 */
export const intakePixels: Readonly<Record<Kind, number>> = {
  jpeg: 400_000_000,
  png: 200_000_000,
  webp: 80_000_000,
  gif: 80_000_000,
  avif: 80_000_000,
  heic: 80_000_000,
};

/** How every file from outside is opened: damaged pixels are an error, and size is bounded before anything is decoded. */
export const untrusted = (kind: Kind): SharpOptions => ({ failOn: "error", limitInputPixels: intakePixels[kind] });

/** libvips' own names of its decoders; a HEIC comes here unpacked, because the prebuilt libvips has no HEVC. */
const decoders: Readonly<Record<Kind, string>> = {
  png: "VipsForeignLoadPng",
  jpeg: "VipsForeignLoadJpeg",
  webp: "VipsForeignLoadWebp",
  gif: "VipsForeignLoadNsgif",
  avif: "VipsForeignLoadHeif",
  heic: "VipsForeignLoadPng",
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
