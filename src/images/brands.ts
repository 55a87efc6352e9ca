import type { FileHandle } from "node:fs/promises";
import { readAt } from "./read-at.ts";

/** Names of ISO 14496-12 files that are no still image, by their major brand; any other is a video of some kind. */
const named: Readonly<Record<string, string>> = {
  isom: "MP4",
  mp41: "MP4",
  mp42: "MP4",
  avc1: "MP4",
  "qt  ": "QuickTime",
  "M4A ": "audio",
  "M4B ": "audio",
  "crx ": "camera raw",
  "jp2 ": "JPEG 2000",
  "jpx ": "JPEG 2000",
};
const hevc = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"];
const av1 = ["avif", "avis", "av01"];
/** Brands that say "an image", and leave open how its pixels are coded (ISO 23008-12, 10). */
const anyImage = ["mif1", "mif2", "mif3", "msf1", "miaf"];
/** Far enough to reach the list of items in the files of every camera. */
const listBytes = 65_536;

/** Names a file that opens with an `ftyp` box: `AVIF` and `HEIC` by its brands or, where these leave it open, its items. */
export async function nameByBrands(handle: FileHandle): Promise<string> {
  const brands = await brandsOf(handle);
  const [major = ""] = brands;
  const has = (some: readonly string[]) => brands.some((brand) => some.includes(brand));
  if (named[major]) return named[major];
  if (av1.includes(major)) return "AVIF";
  if (hevc.includes(major)) return "HEIC";
  if (!anyImage.includes(major)) return "video";
  if (has(av1) !== has(hevc)) return has(av1) ? "AVIF" : "HEIC";
  return nameByItems(handle);
}

/** The major brand, then the compatible ones. */
async function brandsOf(handle: FileHandle): Promise<string[]> {
  const head = await readAt(handle, 0, 512);
  const end = Math.min(head.readUInt32BE(0), head.length);
  const brands = [head.toString("latin1", 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString("latin1", at, at + 4));
  return brands;
}

/** An item's type stands in its `infe` box, 12 bytes behind the box's name (version 2). */
async function nameByItems(handle: FileHandle): Promise<string> {
  const list = (await readAt(handle, 0, listBytes)).toString("latin1");
  const types = [...list.matchAll(/infe[\s\S]{8}([\s\S]{4})/g)].map(([, type]) => type);
  if (types.includes("av01")) return "AVIF";
  return types.includes("hvc1") ? "HEIC" : "HEIF";
}
