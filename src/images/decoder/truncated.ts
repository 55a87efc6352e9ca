import type { SharpOptions } from "sharp";
import type { Kind } from "../magic.ts";
import type { Sharp } from "./load-sharp.ts";

/** When so small a part of the rows is missing, viewers show the image all the same. */
const bottomPart = 40;

/** Tells whether a file lacks the bytes that its format ends with; of the other formats their decoders know. */
export function endIsMissing(kind: Kind, bytes: Buffer): boolean {
  switch (kind) {
    case "jpeg":
      return bytes.indexOf("\xff\xd9", lastScan(bytes), "latin1") === -1;
    case "png":
      return !bytes.includes("IEND\xae\x42\x60\x82", 0, "latin1");
    case "gif":
      return bytes.at(-1) !== 0x3b;
    default:
      return false;
  }
}

/** Where the last pixels of a JPEG begin; before it, a small picture of its own may stand, which has an end too. */
function lastScan(bytes: Buffer): number {
  return Math.max(0, bytes.lastIndexOf("\xff\xda", undefined, "latin1"));
}

/** Decoders fill up what is missing with one colour: then the last rows are all alike. */
export async function reachesItsBottom(sharp: Sharp, bytes: Buffer, options: SharpOptions): Promise<boolean> {
  const { data, info } = await sharp(bytes, options)
    .resize({ height: 4 * bottomPart, fit: "outside", withoutEnlargement: true, kernel: "nearest" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rows = Math.max(1, Math.floor(height / bottomPart));
  const bottom = data.subarray((height - rows) * width * channels);
  const pixel = bottom.subarray(0, channels);
  for (let at = 0; at < bottom.length; at += 1) if (bottom[at] !== pixel[at % channels]) return true;
  return false;
}
