import sharp, { type SharpOptions } from "sharp";
import type { Kind } from "../magic.ts";
import { maxPixelsIn } from "../pixel-limits.ts";

export type Sharp = typeof sharp;

/** libvips' own names of its decoders; of HEIC, the prebuilt one reads the AVIF part only. */
const decoders: Readonly<Record<Exclude<Kind, "heic">, string>> = {
  png: "VipsForeignLoadPng",
  jpeg: "VipsForeignLoadJpeg",
  webp: "VipsForeignLoadWebp",
  gif: "VipsForeignLoadNsgif",
  avif: "VipsForeignLoadHeif",
};

/** Options for a file from outside: damaged pixels are an error, and size is bounded before anything is decoded. */
export function untrusted(kind: Kind): SharpOptions {
  return { failOn: "error", limitInputPixels: maxPixelsIn[kind] };
}

/** sharp, able to read this kind of file and nothing else, whatever else the file may look like. */
export function sharpFor(kind: Exclude<Kind, "heic">): Sharp {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ["VipsForeignLoad"] }); // else it also opens SVG, TIFF and more
  sharp.unblock({ operation: [decoders[kind]] });
  return sharp;
}
