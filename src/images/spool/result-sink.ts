import { rename } from "node:fs/promises";
import { hostname } from "node:os";
import type { ImageSink } from "../../image.ts";
import type { Written } from "./part-file.ts";
import { openPart } from "./part-file.ts";

let opened = 0;

/** Nobody else's name, not even that of a process in another container on the same disk. */
function partPathOf(path: string): string {
  opened += 1;
  return `${path}.${hostname()}-${process.pid}-${opened}.part`;
}

interface Committing {
  /** Before the file gets its name. */
  before(): Promise<void>;
  /** It has its name, which stays for good once its directory is synced. */
  after(written: Written): void;
}

/** A sink whose file is at `path` once it is committed. */
export async function openResultSink(path: string, committing: Committing): Promise<ImageSink> {
  // A name of its own: a process that lost its lease may still be writing the same image.
  const partPath = partPathOf(path);
  const part = await openPart(partPath);
  let commitment: Promise<void> | undefined;
  let discarded = false;

  async function commit(): Promise<void> {
    if (discarded) throw new Error("The image was discarded");
    const written = await part.finish();
    await committing.before();
    await rename(partPath, path);
    committing.after(written);
  }

  return {
    write: (chunk) => part.write(chunk),
    commit() {
      commitment ??= commit();
      return commitment;
    },
    async discard() {
      const committed = await commitment?.then(
        () => true,
        () => false,
      );
      if (committed || discarded) return;
      discarded = true;
      await part.abandon();
    },
  };
}
