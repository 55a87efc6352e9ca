import { type ChildProcess, type Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { closeDoors, confined, type Tools } from "./confine.ts";
import type { DecoderAnswer, DecoderTask } from "./decoder-task.ts";
import { flaws } from "./decoder-task.ts";
import { readExactly } from "./exact-bytes.ts";

/** One process that decodes. */
export interface Decoder {
  readonly pid: number | undefined;
  isAlive(): boolean;
  /** One task at a time. Its process is killed after `ms`; never throws, however the process ends. */
  work(task: DecoderTask, files: TaskFiles, ms: number): Promise<DecoderAnswer>;
  onEnd(listener: () => void): void;
  /** Lets the process go. */
  end(): void;
}

/** Paths of this process; the decoder gets and gives bytes. */
export interface TaskFiles {
  readonly from: string;
  readonly to: string;
}

export interface DecoderOptions {
  readonly maxMemoryBytes: number;
  readonly tools: Tools;
  /** Another one only in tests of what it may do. */
  readonly program?: string;
}

const usualProgram = fileURLToPath(new URL("./decoder-process.ts", import.meta.url));
/**
 * Nothing of this process's environment: no token may be read by what a file smuggles in. Large images stay in memory,
 * because there is no disk to put them on.
 */
const environment = { MALLOC_ARENA_MAX: "2", VIPS_BLOCK_UNTRUSTED: "1", VIPS_DISC_THRESHOLD: "8g" };
/** More than any task makes. */
const maxImageBytes = 200_000_000;

/** Starts a decoder; while it has nothing to do, it does not keep this process alive. */
export function startDecoder({ maxMemoryBytes, tools, program = usualProgram }: DecoderOptions): Decoder {
  const { file, args } = confined(tools, program, [String(maxMemoryBytes)]);
  const child = spawn(file, args, { env: environment, stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"] });
  const channel = child.stdio[4] as Socket;
  const ready = whenReady(child, tools);
  ready.catch(() => undefined); // whoever waits for it hears of it later
  let alive = true;
  channel.on("error", () => undefined); // its end is told by the exit of the process
  child.on("exit", () => {
    alive = false;
  });
  child.on("error", () => {
    alive = false; // it could not be started
  });
  const busy = (is: "ref" | "unref") => {
    child[is]();
    child.channel?.[is]();
    channel[is]();
  };
  busy("unref");

  return {
    pid: child.pid,
    isAlive: () => alive && child.connected,
    onEnd: (listener) => void child.once("exit", listener).once("error", listener),
    end: () => void child.kill("SIGKILL"),
    async work(task, files, ms) {
      busy("ref");
      const gone = new AbortController();
      const answer = await Promise.race([
        endOf(child, gone.signal),
        timeUp(ms, gone.signal).then((late) => {
          alive = false;
          child.kill("SIGKILL");
          return late;
        }),
        ready.then(() => exchange(child, channel, { task, files, signal: gone.signal })).catch(failureOf(child)),
      ]);
      gone.abort();
      busy("unref");
      return answer;
    },
  };
}

interface Exchange {
  readonly task: DecoderTask;
  readonly files: TaskFiles;
  readonly signal: AbortSignal;
}

async function exchange(
  child: ChildProcess,
  channel: Socket,
  { task, files, signal }: Exchange,
): Promise<DecoderAnswer> {
  const { size: bytes } = await stat(files.from);
  const answered = nextMessage(child, signal);
  answered.catch(() => undefined); // read below, when all is sent
  await said(child, { ...task, bytes });
  for await (const chunk of createReadStream(files.from, { highWaterMark: 256 * 1024, signal })) {
    if (!channel.write(chunk)) await once(channel, "drain", { signal });
  }
  const { answer, bytes: made } = checked(await answered);
  if (!("done" in answer)) return answer;
  await pipeline(readExactly(channel, made, signal), createWriteStream(files.to, { mode: 0o600 }));
  return answer;
}

/** Without a listener of its own, a message to a process that just ended would be told as a fault of that process. */
function said(child: ChildProcess, message: Serializable): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(message, (error) => (error ? reject(error) : resolve()));
  });
}

function nextMessage(child: ChildProcess, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("it speaks no more"));
    child.once("message", resolve).once("disconnect", gone);
    signal?.addEventListener("abort", () => child.off("message", resolve).off("disconnect", gone), { once: true });
  });
}

/** Its first word is that it has loaded what it needs. */
async function whenReady(child: ChildProcess, tools: Tools): Promise<void> {
  await nextMessage(child);
  if (child.pid !== undefined) await closeDoors(tools, child.pid);
}

function endOf(child: ChildProcess, signal: AbortSignal): Promise<DecoderAnswer> {
  return new Promise((resolve) => {
    const ended = (code: number | null, killed: string | null) =>
      resolve({ failed: `the decoder ended: ${killed ?? code}` });
    const broken = (error: Error) => resolve({ failed: `the decoder broke: ${error.message}` });
    child.once("exit", ended).once("error", broken);
    signal.addEventListener("abort", () => child.off("exit", ended).off("error", broken), { once: true });
  });
}

function timeUp(ms: number, signal: AbortSignal): Promise<DecoderAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ failed: `more than ${ms} ms` }), ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

/** A process that stops to listen is ended, and its end tells why; a file that cannot be read or written is told at once. */
function failureOf(child: ChildProcess): (error: NodeJS.ErrnoException) => Promise<DecoderAnswer> {
  return (error) => {
    child.kill("SIGKILL");
    const isFile = error.path !== undefined || error.code === "ENOSPC";
    return isFile ? Promise.resolve({ failed: `the decoder's files: ${error.code}` }) : new Promise(() => undefined);
  };
}

/** Checks an answer: it is believed no more than the file that the decoder read. */
function checked(message: unknown): { answer: DecoderAnswer; bytes: number } {
  const senseless = { answer: { failed: "the decoder made no sense" }, bytes: 0 };
  if (typeof message !== "object" || message === null) return senseless;
  if ("done" in message) {
    const bytes = "bytes" in message ? Number(message.bytes) : 0;
    if (!Number.isInteger(bytes) || bytes <= 0 || bytes > maxImageBytes) return senseless;
    return { answer: { done: true, firstOfMany: "firstOfMany" in message && message.firstOfMany === true }, bytes };
  }
  const refused = "refused" in message ? flaws.find((flaw) => flaw === message.refused) : undefined;
  if (refused) return { answer: { refused }, bytes: 0 };
  return "failed" in message ? { answer: { failed: String(message.failed).slice(0, 500) }, bytes: 0 } : senseless;
}
