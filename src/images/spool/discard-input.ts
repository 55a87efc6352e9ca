import { link, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SharedSpool } from "./shared-spool.ts";

interface SpoolFolder {
  readonly shared: SharedSpool | undefined;
  at(key: string): string;
  withScratch<Result>(work: (directory: string) => Promise<Result>): Promise<Result>;
}

/**
 * Removes an input that nothing needs. Somebody may bring the same bytes at the same moment: whoever does notes it
 * before the file gets its name, so it is asked again once the file is out of the way, and put back if need be.
 */
export function discardInput(folder: SpoolFolder, file: string, isNeeded: () => Promise<boolean>): Promise<void> {
  const { shared, at } = folder;
  return folder.withScratch(async (directory) => {
    if (await isNeeded()) return;
    const aside = join(directory, "discarded");
    if (!(await moved(at(file), aside))) return;
    await shared?.store.delete(file);
    if (!(await isNeeded())) return;
    await link(aside, at(file)).catch(ignoring("EEXIST")); // whoever brought it again has put it there already
    await shared?.note(file);
    void shared?.send(file);
  });
}

async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(() => true, ignoring("ENOENT"));
}

function ignoring(code: string): (error: NodeJS.ErrnoException) => false {
  return (error) => {
    if (error.code === code) return false;
    throw error;
  };
}
