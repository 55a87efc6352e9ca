import { open } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { Received } from "./images.ts";
import { inspect } from "./inspect.ts";
import { hasItsEnd } from "./magic.ts";
import type { Spool } from "./spool/spool.ts";
import { resultKey } from "./spool/spool-keys.ts";

/** Reads what has arrived for an attempt, brought to this disk; the bytes are kept as the service sent them, readable or not. */
export async function readReceived(spool: Spool, attempt: string): Promise<Received> {
  const { complete, indices } = await spool.arrived(attempt);
  const images: { index: number; image: StoredImage }[] = [];
  const damaged: number[] = [];
  for (const index of indices) {
    const image = await readResult(spool, resultKey(attempt, index));
    if (image) images.push({ index, image });
    else damaged.push(index);
  }
  return { complete, images, damaged };
}

async function readResult(spool: Spool, file: string): Promise<StoredImage | undefined> {
  const path = spool.pathOf(file);
  try {
    const found = await inspect(path, { filename: file, maxBytes: Number.POSITIVE_INFINITY });
    if (!(await isWhole(path, found))) return undefined;
    return { file, sha256: await spool.hashOf(file), ...found };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

async function isWhole(path: string, { format, bytes }: Pick<StoredImage, "format" | "bytes">): Promise<boolean> {
  const handle = await open(path, "r");
  try {
    return await hasItsEnd(handle, format, bytes);
  } finally {
    await handle.close();
  }
}
