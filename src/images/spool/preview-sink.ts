import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PreviewSink } from "../../image.ts";
import { openPart } from "./part-file.ts";
import { resultKey } from "./spool-keys.ts";

let opened = 0;

/** A place in `scratch` for an unfinished image; should its process die, the sweep of scratch files removes it. */
export async function openPreviewSink(scratch: string, attempt: string, index: number): Promise<PreviewSink> {
  opened += 1;
  const name = basename(resultKey(attempt, index));
  const path = join(scratch, `work-preview-${name}-${process.pid}-${opened}`);
  const part = await openPart(path);
  let state: "open" | "committed" | "gone" = "open";
  return {
    path,
    write: (chunk) => part.write(chunk),
    async commit() {
      await part.finish();
      state = "committed";
    },
    async discard() {
      if (state === "open") await part.abandon();
      else if (state === "committed") await rm(path, { force: true });
      state = "gone";
    },
  };
}
