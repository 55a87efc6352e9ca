import { mkdir, open, opendir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { settle } from "./durable.ts";
import { checkedKey, isMarker, ownerOf } from "./spool-keys.ts";

const rooms = ["inputs", "results"] as const;

/** Keys of all images, and of the marks beside them, in a spool on this disk; versions made to fit are made again. */
export async function* keysOnDisk(directory: string): AsyncIterable<string> {
  for (const room of rooms) {
    for await (const { name } of await opendir(join(directory, room))) {
      const key = `${room}/${name}`;
      if (ownerOf(key) === key) yield key;
    }
  }
}

/** Puts one file of a backup where `key` says, for good. With `shared`, it is sent to the shared storage at the next start. */
export async function placeFile(
  directory: string,
  key: string,
  body: AsyncIterable<Uint8Array>,
  shared: boolean,
): Promise<void> {
  const to = join(directory, isMarker(key) ? key : checkedKey(key)); // nothing from outside the spool, whoever wrote it
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const part = `${to}.part`;
  const handle = await open(part, "w", 0o600);
  try {
    for await (const chunk of body) await handle.appendFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (shared) await markUnsent(directory, key);
  await settle(part, to);
}

/** As uploads.ts notes what is to be sent. */
async function markUnsent(directory: string, key: string): Promise<void> {
  const marks = join(directory, "unsent");
  await mkdir(marks, { recursive: true, mode: 0o700 });
  await writeFile(join(marks, key.replace("/", ".")), "", { mode: 0o600, flush: true });
}
