import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { constants, getPriority, setPriority } from "node:os";
import type { DecoderMessage, DecoderTask, Made } from "./decoder-task.ts";
import { readExactly } from "./exact-bytes.ts";
import { fitPixels } from "./fit-pixels.ts";
import { sharpFor } from "./load-sharp.ts";
import { makeMask } from "./mask.ts";
import { sanitise } from "./sanitise.ts";

/**
 * The program of a decoder: a process without credentials that does one task at a time, on bytes that come and go
 * through one socket. Whatever a file does to the decoding libraries, it does here, and the bot lives on. All code is
 * loaded before it says that it is ready, because from then on it may open nothing (confine.ts). It ends with its parent.
 * Argument: bytes of memory it may use.
 */
const maxMemoryBytes = Number(process.argv[2]);
const lookEveryMs = 50;
const channel = new Socket({ fd: 4, readable: true, writable: true });

async function perform(task: DecoderTask, bytes: Buffer): Promise<Made> {
  switch (task.work) {
    case "sanitise":
      return sanitise(bytes, task);
    case "mask":
      return makeMask(bytes, task);
    case "fit": {
      if (task.kind === "heic") throw new Error("No service makes HEIC");
      // A flaw in the service's own file must not keep it from being delivered.
      const options = { failOn: "none", limitInputPixels: false } as const;
      return { image: await fitPixels({ ...task, sharp: sharpFor(task.kind), bytes, options }), firstOfMany: false };
    }
  }
}

async function receive(length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  for await (const chunk of readExactly(channel, length)) filled += chunk.copy(bytes, filled);
  return bytes;
}

async function answer(task: DecoderTask & { bytes: number }): Promise<void> {
  try {
    const made = await perform(task, await receive(task.bytes));
    if ("refused" in made) return send(made);
    send({ done: true, firstOfMany: made.firstOfMany, bytes: made.image.length });
    channel.write(made.image);
  } catch (error) {
    send({ failed: String(error) });
  }
}

function send(message: DecoderMessage): void {
  process.send?.(message);
}

/** Decoding runs on other threads, so this one is free to look. */
function watchMemory(): void {
  setInterval(() => {
    if (process.resourceUsage().maxRSS * 1024 > maxMemoryBytes) process.exit(70);
  }, lookEveryMs).unref();
}

/** Gives way to the bot, however little that one takes itself; when memory runs short, this process is the one to go. */
function volunteer(): void {
  setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + 5)); // less than it has, nobody may ask for
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000"); // Linux only
  } catch {
    // another system
  }
}

volunteer();
watchMemory();
process.on("disconnect", () => process.exit(0));
process.on("message", answer);
send({ ready: true });
