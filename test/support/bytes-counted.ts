import { createHash } from "node:crypto";
import fs from "node:fs";
import { open } from "node:fs/promises";

/** Loaded into a bot by --import: counts the bytes that it hashes and those that it reads from files, and says both on "bytes". */
const counted = { hashed: 0, read: 0 };

const hash = Object.getPrototypeOf(createHash("sha256")) as ReturnType<typeof createHash>;
const { update } = hash;
hash.update = function counting(this: typeof hash, ...given: Parameters<typeof update>) {
  counted.hashed += Buffer.byteLength(given[0] as string | Uint8Array);
  return update.apply(this, given);
} as typeof update;

const handle = await open(import.meta.filename);
const files = Object.getPrototypeOf(handle) as typeof handle;
const { read } = files;
files.read = async function counting(this: typeof handle, ...given: Parameters<typeof read>) {
  const done = await read.apply(this, given);
  counted.read += done.bytesRead;
  return done;
} as typeof read;
await handle.close();

const { read: readByNumber } = fs;
fs.read = ((...given: unknown[]) => {
  const callback = given.at(-1) as (error: Error | null, bytes: number, ...rest: unknown[]) => void;
  const tell: typeof callback = (error, bytes, ...rest) => {
    counted.read += bytes ?? 0;
    callback(error, bytes, ...rest);
  };
  return (readByNumber as (...all: unknown[]) => void)(...given.slice(0, -1), tell);
}) as typeof readByNumber;

process.on("message", (word) => {
  if (word === "bytes") process.send?.(counted);
});
process.channel?.unref();
