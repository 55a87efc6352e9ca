import type { FileHandle } from "node:fs/promises";
import type { ImageFormat } from "../image.ts";

/** What can be decoded: the formats that services take, and two that are turned into one of those. */
export type Kind = ImageFormat | "gif" | "avif";

/** Which brands of ISO 14496-12 files people mistake for images, or that are images which cannot be decoded here. */
const brands: Readonly<Record<string, string>> = {
  avif: "AVIF",
  avis: "animated AVIF",
  heic: "HEIC",
  heix: "HEIC",
  hevc: "HEIC",
  heim: "HEIC",
  mif1: "HEIC",
  msf1: "HEIC",
  isom: "MP4",
  mp41: "MP4",
  mp42: "MP4",
  "qt  ": "QuickTime",
};

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

const kinds: Readonly<Record<string, Kind>> = { PNG: "png", JPEG: "jpeg", WebP: "webp", GIF: "gif", AVIF: "avif" };

/** What the first bytes of a file say it is, whatever its own name says: the format's name where it is known. */
export async function nameOf(handle: FileHandle): Promise<string | undefined> {
  const text = (await readAt(handle, 0, 512)).toString("latin1");
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "WebP";
  if (text.slice(4, 8) === "ftyp") return brands[text.slice(8, 12)] ?? "video";
  const known = signatures.find(([start]) => text.startsWith(start))?.[1];
  return known ?? (/<svg[\s/>]/i.test(text) ? "SVG" : undefined);
}

/** The kind that goes by that name; undefined when it is none that can be decoded. */
export function kindNamed(name: string | undefined): Kind | undefined {
  return name === undefined ? undefined : kinds[name];
}

/** What the first bytes of a file say it is; undefined when it is none of the formats that services make and take. */
export async function formatOf(handle: FileHandle): Promise<ImageFormat | undefined> {
  const kind = kindNamed(await nameOf(handle));
  return kind === "gif" || kind === "avif" ? undefined : kind;
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
