import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import type { DecoderAnswer, DecoderTask } from "./decoder-task.ts";
import { fitPixels } from "./fit-pixels.ts";
import { unpackHeic } from "./heic.ts";
import { loadSharp, maxPixels } from "./load-sharp.ts";
import { makeMask } from "./mask.ts";
import { sanitise } from "./sanitise.ts";

/**
 * The program of a decoder: a process without credentials that does one task at a time. Whatever a file does to the
 * decoding libraries, it does here, and the bot lives on. It ends with its parent. Argument: bytes of memory it may use.
 */

const maxMemoryBytes = Number(process.argv[2]);
const lookEveryMs = 50;

async function perform(given: DecoderTask): Promise<DecoderAnswer> {
  const sharp = await loadSharp(given.kind);
  const unpacked = given.kind === "heic" ? await unpackHeic(sharp, given.from) : undefined;
  if (unpacked === "too-many-pixels") return { refused: unpacked };
  const task = unpacked ? { ...given, from: unpacked.path } : given;
  switch (task.work) {
    case "sanitise": {
      const answer = await sanitise(sharp, task);
      return unpacked?.animated && "done" in answer ? { ...answer, animated: true } : answer;
    }
    case "mask":
      return makeMask(sharp, task);
    case "fit":
      // A flaw in the service's own file must not keep it from being delivered.
      await fitPixels(sharp, { ...task, options: { failOn: "none", limitInputPixels: maxPixels } });
      return { done: true };
  }
}

async function answer(task: DecoderTask): Promise<DecoderAnswer> {
  try {
    return await perform(task);
  } catch (error) {
    return { failed: String(error) };
  }
}

/** Decoding runs on other threads, so this one is free to look. */
function watchMemory(): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > maxMemoryBytes) process.exit(70);
  }, lookEveryMs).unref();
}

/** When the machine runs short, this process is the one to go. Linux only. */
function volunteer(): void {
  setPriority(5);
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // another system
  }
}

volunteer();
watchMemory();
process.on("disconnect", () => process.exit(0));
process.on("message", async (task: DecoderTask) => process.send?.(await answer(task)));
