import type { FileHandle } from "node:fs/promises";
import type { ImageFormat } from "../image.ts";

/** What the first bytes of a file say it is; whatever its name says. Undefined when it is none of ours. */
export async function formatOf(handle: FileHandle): Promise<ImageFormat | undefined> {
  const head = await readAt(handle, 0, 12);
  const text = head.toString("latin1");
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "webp";
  return undefined;
}

/** Is this PNG an animation? Its acTL chunk must come before the first IDAT (PNG, third edition, 11.3.6.1). */
export async function isAnimatedPng(handle: FileHandle): Promise<boolean> {
  let position = 8;
  for (let chunks = 0; chunks < 1000; chunks += 1) {
    const head = await readAt(handle, position, 8);
    const type = head.toString("latin1", 4);
    if (type === "acTL") return true;
    if (type === "IDAT" || head.length < 8) return false;
    position += 12 + head.readUInt32BE(0);
  }
  return true; // no honest still image opens with a thousand chunks
}

/**
 * Does the file have its format's last bytes? A cheap sign that an answer was not cut off; bytes behind the end are allowed.
 * For WebP nothing is looked at: libvips refuses to open one that is cut.
 */
export async function hasItsEnd(handle: FileHandle, format: ImageFormat, bytes: number): Promise<boolean> {
  if (format === "webp") return true;
  const start = Math.max(0, bytes - 65_536);
  const tail = await readAt(handle, start, bytes - start);
  return tail.includes(format === "png" ? "IEND\xae\x42\x60\x82" : "\xff\xd9", 0, "latin1");
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
