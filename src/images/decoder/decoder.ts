import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DecoderAnswer, DecoderTask } from "./decoder-task.ts";
import { flaws } from "./decoder-task.ts";

/** One process that decodes. */
export interface Decoder {
  readonly pid: number | undefined;
  isAlive(): boolean;
  /** One task at a time. Its process is killed after `ms`; never throws, however the process ends. */
  work(task: DecoderTask, ms: number): Promise<DecoderAnswer>;
  onEnd(listener: () => void): void;
  /** Lets the process go. */
  end(): void;
}

const program = fileURLToPath(new URL("./decoder-process.ts", import.meta.url));

/** Nothing of this process's environment: no token may be read by what a file smuggles in. */
const environment = { MALLOC_ARENA_MAX: "2", VIPS_BLOCK_UNTRUSTED: "1" };

/** WebAssembly blocks the thread that watches the memory, so it has a limit of its own: 1.5 GB in pages of 64 kB. */
const wasmLimit = "--wasm-max-mem-pages=24000";

/** Starts a decoder; while it has nothing to do, it does not keep this process alive. */
export function startDecoder(maxMemoryBytes: number): Decoder {
  const child = fork(program, [String(maxMemoryBytes)], {
    execArgv: ["--max-old-space-size=256", wasmLimit],
    env: environment,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let alive = true;
  child.on("exit", () => {
    alive = false;
  });
  child.on("error", () => {
    alive = false; // it could not be started
  });
  rest();

  function rest(): void {
    child.unref();
    child.channel?.unref();
  }

  return {
    pid: child.pid,
    isAlive: () => alive && child.connected,
    onEnd: (listener) => void child.once("exit", listener),
    end: () => void child.kill("SIGKILL"),
    work(task, ms) {
      child.ref();
      child.channel?.ref();
      return new Promise((resolve) => {
        const answered = (answer: unknown) => finish(checked(answer));
        const ended = (code: number | null, signal: string | null) =>
          finish({ failed: `the decoder ended: ${signal ?? code}` });
        const broken = (error: Error) => finish({ failed: `the decoder broke: ${error.message}` });
        const timer = setTimeout(() => {
          alive = false;
          child.kill("SIGKILL");
          finish({ failed: `more than ${ms} ms` });
        }, ms);
        function finish(answer: DecoderAnswer): void {
          clearTimeout(timer);
          child.off("message", answered).off("exit", ended).off("error", broken);
          rest();
          resolve(answer);
        }
        child.on("message", answered).on("exit", ended).on("error", broken);
        child.send(task, (error) => error && broken(error));
      });
    },
  };
}

/** What comes from the decoder is believed no more than the file that it read. */
function checked(answer: unknown): DecoderAnswer {
  if (typeof answer !== "object" || answer === null) return { failed: "the decoder made no sense" };
  if ("done" in answer) {
    return { done: true, ...("animated" in answer && answer.animated === true ? { animated: true } : {}) };
  }
  const refused = "refused" in answer ? flaws.find((flaw) => flaw === answer.refused) : undefined;
  if (refused) return { refused };
  return { failed: "failed" in answer ? String(answer.failed).slice(0, 500) : "the decoder made no sense" };
}
