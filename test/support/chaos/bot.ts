import { type ChildProcess, type ChildProcessByStdio, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { LogLine } from "../atelier.ts";

/** The real program, started to be killed: it may die at any moment, even before it is ready. */
export interface ChaosBot {
  readonly pid: number;
  /** Everything that it said, parsed. */
  readonly lines: readonly LogLine[];
  readonly errors: string;
  /** `http://127.0.0.1:port` once it is ready; undefined when it died before. */
  readonly ready: Promise<string | undefined>;
  /** When it was ready. */
  readonly url: string | undefined;
  readonly alive: boolean;
  /** It was killed from here; false when it killed itself. */
  readonly killed: boolean;
  /** Resolves with the signal that it died of, or its exit code. */
  readonly ended: Promise<string>;
  kill(signal?: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
}

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

export function startBot(environment: Readonly<Record<string, string>>): ChaosBot {
  const child = launch([], environment, ["ignore", "pipe", "pipe"]);
  return attend(child);
}

/** A bot whose clock can be quickened. */
export interface PacedBot extends ChaosBot {
  /** Resolves when so much time has passed for the bot, a hundred times as fast as it does. */
  advance(ms: number): Promise<void>;
}

/** For the clock in the bot. */
export interface ClockOrder {
  readonly advanceMs: number;
  readonly pace: number;
}

/** `aheadMs`: its clock is ahead of this machine's. */
export function startPacedBot(environment: Readonly<Record<string, string>>, aheadMs = 0): PacedBot {
  const clock = path.join(import.meta.dirname, "paced-clock.ts");
  const given = { ...environment, CLOCK_AHEAD_MS: String(aheadMs) };
  const child = launch(["--import", clock], given, ["ignore", "pipe", "pipe", "ipc"]);
  return Object.assign(attend(child), {
    async advance(advanceMs: number) {
      const order: ClockOrder = { advanceMs, pace };
      const advanced = once(child, "message");
      child.send(order);
      await advanced;
    },
  });
}

const pace = 100;

function launch(options: readonly string[], environment: Readonly<Record<string, string>>, stdio: StdioOptions) {
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", PORT: "0", ...environment };
  return spawn(process.execPath, [...options, "src/main.js"], { env, stdio }) as ChildProcessByStdio<
    null,
    Readable,
    Readable
  >;
}

function attend(child: ChildProcessByStdio<null, Readable, Readable>): ChaosBot {
  living.add(child);
  const said = listenTo(child);
  const ended = Promise.withResolvers<string>();
  let killed = false;
  child.once("close", (code, signal) => {
    living.delete(child);
    said.over();
    ended.resolve(signal ?? `exit ${code}`);
  });
  return {
    pid: child.pid ?? 0,
    lines: said.lines,
    get errors() {
      return said.errors;
    },
    ready: said.ready,
    get url() {
      return said.url;
    },
    get alive() {
      return living.has(child);
    },
    ended: ended.promise,
    get killed() {
      return killed;
    },
    kill(signal = "SIGKILL") {
      if (!living.has(child)) return;
      killed ||= signal === "SIGKILL" || signal === "SIGTERM";
      child.kill(signal);
    },
  };
}

interface Said extends Pick<ChaosBot, "lines" | "errors" | "ready" | "url"> {
  /** The child says nothing more. */
  over(): void;
}

/** Writes down what a child says from now on. */
function listenTo({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>): Said {
  const lines: LogLine[] = [];
  const ready = Promise.withResolvers<string | undefined>();
  const said = { lines, errors: "", ready: ready.promise, url: undefined as string | undefined };
  createInterface(stdout).on("line", (text) => {
    const line = parsed(text);
    if (!line) return;
    lines.push(line);
    if (line.msg !== "Atelier is ready") return;
    said.url = String(line.address);
    ready.resolve(said.url);
  });
  stderr.on("data", (chunk) => {
    said.errors += chunk;
  });
  return Object.assign(said, { over: () => ready.resolve(undefined) });
}

/** Undefined for a line that was cut off by death. */
function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
