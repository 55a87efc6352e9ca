import type { FileHandle } from "node:fs/promises";
import type { FileFormat, ImageFormat } from "../image.ts";
import { nameByBrands } from "./brands.ts";
import { gifHasItsEnd } from "./gif.ts";
import { readAt } from "./read-at.ts";

/** A format that can be decoded: those that services take, and three that are turned into one of them. */
export type Kind = ImageFormat | "gif" | "avif" | "heic";

const signatures: readonly (readonly [start: string, name: string])[] = [
  ["\x89PNG\r\n\x1a\n", "PNG"],
  ["\xff\xd8\xff", "JPEG"],
  ["GIF87a", "GIF"],
  ["GIF89a", "GIF"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["II+\0", "TIFF"],
  ["MM\0+", "TIFF"],
  ["BM", "BMP"],
  ["8BPS", "Photoshop"],
  ["%PDF-", "PDF"],
  ["%!PS", "PostScript"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["\0\0\x01\0", "ICO"],
  ["\0\0\x02\0", "ICO"],
  ["\x8aMNG", "MNG"],
  ["qoif", "QOI"],
  ["\x1aE\xdf\xa3", "WebM"],
  ["OggS", "Ogg"],
  ["ID3", "MP3"],
  ["fLaC", "FLAC"],
  ["PK\x03\x04", "ZIP"],
  ["PK\x05\x06", "ZIP"],
  ["Rar!", "RAR"],
  ["7z\xbc\xaf", "7-Zip"],
  ["\x1f\x8b", "gzip"],
  ["\xd0\xcf\x11\xe0", "Office"],
  ["{\\rtf", "RTF"],
];

/** Names by the four letters that a RIFF file has behind its length. */
const riff: Readonly<Record<string, string>> = { WEBP: "WebP", "AVI ": "AVI", WAVE: "WAV" };

const kinds: Readonly<Record<string, Kind>> = {
  PNG: "png",
  JPEG: "jpeg",
  WebP: "webp",
  GIF: "gif",
  AVIF: "avif",
  HEIC: "heic",
};

/** Names a file by its first bytes, whatever its own name says; undefined when they are known for nothing. */
export async function nameOf(handle: FileHandle): Promise<string | undefined> {
  const head = await readAt(handle, 0, 4096);
  const text = head.toString("latin1");
  if (text.startsWith("RIFF")) return riff[text.slice(8, 12)];
  if (text.slice(4, 8) === "ftyp" && head.length >= 12) return nameByBrands(handle);
  return signatures.find(([start]) => text.startsWith(start))?.[1] ?? nameOfText(head);
}

/** Text may be in UTF-16, which is told by its first two bytes. */
function nameOfText(head: Buffer): string | undefined {
  const text = head.toString("latin1").replaceAll("\0", "");
  if (/<svg[\s/>]/i.test(text)) return "SVG";
  return /^\W*<(?:!doctype html|html)\b/i.test(text) ? "HTML" : undefined;
}

/** The kind that goes by that name; undefined when it is none that can be decoded. */
export function kindNamed(name: string | undefined): Kind | undefined {
  return name === undefined ? undefined : kinds[name];
}

/** True for the formats that services make and take. */
export function isServiceFormat(kind: Kind): kind is ImageFormat {
  return kind === "png" || kind === "jpeg" || kind === "webp";
}

/** True for the formats that a result may have. */
export function isFileFormat(kind: Kind): kind is FileFormat {
  return isServiceFormat(kind) || kind === "gif";
}

/** The format that the first bytes of a file tell; undefined when it is none that a result may have. */
export async function formatOf(handle: FileHandle): Promise<FileFormat | undefined> {
  const kind = kindNamed(await nameOf(handle));
  return kind && isFileFormat(kind) ? kind : undefined;
}

/** The bytes that end a file. */
const ends: Readonly<Record<"png" | "jpeg", string>> = {
  png: "IEND\xae\x42\x60\x82",
  jpeg: "\xff\xd9",
};

/**
 * Tells whether the file has its format's last bytes: a cheap sign that an answer was not cut off. Bytes behind the end
 * are allowed. For WebP nothing is looked at: its header says how long it is.
 */
export async function hasItsEnd(handle: FileHandle, format: FileFormat, bytes: number): Promise<boolean> {
  if (format === "webp") return true;
  if (format === "gif") return gifHasItsEnd(handle);
  const start = Math.max(0, bytes - 65_536);
  const tail = await readAt(handle, start, bytes - start);
  return tail.includes(ends[format], 0, "latin1");
}
