import type { Metadata, SharpOptions } from "sharp";
import type { Kind } from "../magic.ts";
import { maxPixelsIn } from "../pixel-limits.ts";
import { decodeHeic } from "./decode-heic.ts";
import type { Sharp } from "./load-sharp.ts";
import { sharpFor, untrusted } from "./load-sharp.ts";
import { endIsMissing, reachesItsBottom } from "./truncated.ts";

const endOfJpeg = Buffer.from([0xff, 0xd9]);

/** An image from outside whose pixels can be decoded. */
export interface Opened {
  readonly sharp: Sharp;
  readonly bytes: Buffer;
  readonly options: SharpOptions;
  readonly header: Metadata;
  /** The file has more images than the one that is used. */
  readonly firstOfMany: boolean;
}

/**
 * Opens a member's file. One that only lacks its last bytes is opened too, as every viewer does. Undefined when it has
 * too many pixels; throws when it cannot be decoded.
 */
export async function openImage(kind: Kind, bytes: Buffer): Promise<Opened | undefined> {
  if (kind === "heic") {
    const decoded = await decodeHeic(bytes);
    if (!decoded) return undefined;
    const opened = await openImage("png", decoded.png);
    return opened && { ...opened, firstOfMany: decoded.isSeries };
  }
  if (kind === "avif") renameBrands(bytes);
  const sharp = sharpFor(kind);
  const header = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (header.width * header.height > maxPixelsIn[kind]) return undefined;
  return { sharp, header, firstOfMany: (header.pages ?? 1) > 1, ...(await readable(sharp, kind, bytes)) };
}

/**
 * Bytes that can be decoded, and how. A file whose end is missing is shown by every viewer: a JPEG may lack its last two
 * bytes and nothing else, or nearly all of its pixels must be there.
 */
async function readable(sharp: Sharp, kind: Kind, bytes: Buffer): Promise<Pick<Opened, "bytes" | "options">> {
  const strict = untrusted(kind);
  if (!endIsMissing(kind, bytes) || (await decodes(sharp, bytes, strict))) return { bytes, options: strict };
  if (kind === "jpeg") {
    const ended = { bytes: Buffer.concat([bytes, endOfJpeg]), options: { ...strict, failOn: "warning" } as const };
    if (await decodes(sharp, ended.bytes, ended.options)) return ended;
  }
  const lenient: SharpOptions = { ...strict, failOn: "none" };
  return { bytes, options: (await reachesItsBottom(sharp, bytes, lenient)) ? lenient : strict };
}

/** libvips asks for brands that it knows: the major one, and the first of the compatible ones. */
function renameBrands(bytes: Buffer): void {
  bytes.write("avif", 8, "latin1");
  if (bytes.readUInt32BE(0) >= 20) bytes.write("avif", 16, "latin1");
}

function decodes(sharp: Sharp, bytes: Buffer, options: SharpOptions): Promise<boolean> {
  return sharp(bytes, options)
    .stats()
    .then(
      () => true,
      () => false,
    );
}
