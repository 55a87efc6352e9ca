import type { FileHandle } from "node:fs/promises";
import { formats, type ImageFormat } from "../image.ts";

/** A kind of file that can be decoded: a format that services take, or one that is turned into such a format. */
export type Kind = ImageFormat | "gif" | "avif" | "heic";

/** Names of ISO 14496-12 files by their major brand. */
const brands: readonly (readonly [name: string, ...brands: string[]])[] = [
  ["AVIF", "avif", "avis", "av01", "MA1A", "MA1B"],
  ["HEIC", "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"],
  ["QuickTime", "qt  "],
  ["MP4", "isom", "mp41", "mp42"],
];
/** There are images in it (ISO 23008-12, 10.2): a compatible brand tells how they are coded. */
const anyImages = ["mif1", "msf1", "miaf"];

const signatures: readonly (readonly [start: string, name: string])[] = [
  ["\x89PNG\r\n\x1a\n", "PNG"],
  ["\xff\xd8\xff", "JPEG"],
  ["GIF87a", "GIF"],
  ["GIF89a", "GIF"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["BM", "BMP"],
  ["8BPS", "Photoshop"],
  ["%PDF-", "PDF"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\x01\0", "ICO"],
];

const kinds: Readonly<Record<string, Kind>> = {
  PNG: "png",
  JPEG: "jpeg",
  WebP: "webp",
  GIF: "gif",
  AVIF: "avif",
  HEIC: "heic",
};

/** Names the format of a file by its first bytes, whatever its own name says; undefined where it is not known. */
export async function nameOf(handle: FileHandle): Promise<string | undefined> {
  const text = (await readAt(handle, 0, 512)).toString("latin1");
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "WebP";
  if (text.slice(4, 8) === "ftyp") return nameByBrands(text);
  const known = signatures.find(([start]) => text.startsWith(start))?.[1];
  return known ?? (/<svg[\s/>]/i.test(text) ? "SVG" : undefined);
}

/** The box begins with its length; behind the major brand and its version stand the compatible brands. */
function nameByBrands(text: string): string {
  const end = Math.min(text.length, Buffer.from(text.slice(0, 4), "latin1").readUInt32BE(0));
  const major = text.slice(8, 12);
  const counting = anyImages.includes(major) ? compatibleBrands(text, end) : [major];
  const named = brands.find(([, ...names]) => names.some((name) => counting.includes(name)))?.[0];
  return named ?? (anyImages.includes(major) ? "HEIC" : "video");
}

function compatibleBrands(text: string, end: number): string[] {
  const found: string[] = [];
  for (let at = 16; at + 4 <= end; at += 4) found.push(text.slice(at, at + 4));
  return found;
}

/** The kind that goes by that name; undefined when it is none that can be decoded. */
export function kindNamed(name: string | undefined): Kind | undefined {
  return name === undefined ? undefined : kinds[name];
}

/** Tells the format of a file by its first bytes; undefined when services neither make nor take it. */
export async function formatOf(handle: FileHandle): Promise<ImageFormat | undefined> {
  const kind = kindNamed(await nameOf(handle));
  return isFormat(kind) ? kind : undefined;
}

/**
 * Does the file have its format's last bytes? A cheap sign that an answer was not cut off; bytes behind the end are allowed.
 * For WebP nothing is looked at: its header says how long it is.
 */
export async function hasItsEnd(handle: FileHandle, format: ImageFormat, bytes: number): Promise<boolean> {
  if (format === "webp") return true;
  const start = Math.max(0, bytes - 65_536);
  const tail = await readAt(handle, start, bytes - start);
  return tail.includes(format === "png" ? "IEND\xae\x42\x60\x82" : "\xff\xd9", 0, "latin1");
}

/** Up to `length` bytes from `position` on; fewer at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Services make and take it as it is. */
export function isFormat(kind: Kind | undefined): kind is ImageFormat {
  return formats.some((format) => format === kind);
}
