import { open, stat } from "node:fs/promises";
import { createLRU } from "lru.min";
import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { Images } from "./images.ts";
import { inspectResult } from "./inspect.ts";
import { hasItsEnd } from "./magic.ts";
import type { Spool } from "./spool/spool.ts";
import { resultKey } from "./spool/spool-keys.ts";

/** A file that was looked at, as long as it is that very file. */
interface Known {
  readonly version: string;
  readonly image: StoredImage | Unusable;
}

/** A file that is no image, or a damaged one; the format is named when it is one that is not shown. */
interface Unusable {
  readonly foreignFormat: string | undefined;
}

/** So many that no job under way is among the forgotten; a forgotten one is read again. */
const maxKnown = 1000;

/** Reads what has arrived for an attempt, brought to this disk; the bytes are kept as the service sent them, readable or not. */
export function createReceived(spool: Spool): Images["received"] {
  const looked = createLRU<string, Known>({ max: maxKnown });

  async function look(file: string): Promise<StoredImage | Unusable> {
    const { ino, size, mtimeMs } = await stat(spool.pathOf(file));
    const version = `${ino} ${size} ${mtimeMs}`;
    const before = looked.get(file);
    if (before?.version === version) return before.image;
    const image = await readResult(spool, file);
    looked.set(file, { version, image });
    return image;
  }

  return async (attempt, known) => {
    const { complete, indices } = await spool.arrived(attempt, known);
    const images: { index: number; image: StoredImage }[] = [];
    const damaged: number[] = [];
    let foreignFormat: string | undefined;
    for (const index of indices) {
      const image = await look(resultKey(attempt, index));
      if ("file" in image) images.push({ index, image });
      else {
        damaged.push(index);
        foreignFormat ??= image.foreignFormat;
      }
    }
    return { complete, images, damaged, foreignFormat };
  };
}

async function readResult(spool: Spool, file: string): Promise<StoredImage | Unusable> {
  const handle = await open(spool.pathOf(file), "r");
  try {
    const found = await inspectResult(handle, { filename: file, maxBytes: Number.POSITIVE_INFINITY });
    if (!(await hasItsEnd(handle, found.format, found.bytes))) return { foreignFormat: undefined };
    return { file, sha256: await spool.hashOf(file), ...found };
  } catch (error) {
    if (error instanceof Refusal) return { foreignFormat: formatIn(error) };
    throw error;
  } finally {
    await handle.close();
  }
}

function formatIn({ code, facts }: Refusal): string | undefined {
  return code === "image-format" && "format" in facts ? facts.format : undefined;
}
