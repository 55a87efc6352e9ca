import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** The real program as a process of its own, as an operator starts it. */
export interface AtelierProcess {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly pid: number;
  /** Lines of its log, parsed. */
  readonly lines: readonly LogLine[];
  /** Resolves with the first line, from now or before, that fits. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: as when the power of a process is cut. */
  kill(): Promise<void>;
}

export interface LogLine {
  readonly msg: string;
  readonly [fact: string]: unknown;
}

type Environment = Readonly<Record<string, string>>;

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts the bot with nothing but `environment`, and waits until it is ready. */
export async function startAtelier(environment: Environment): Promise<AtelierProcess> {
  const child = launch([], { PORT: "0", ...environment });
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  if (child.stdout) {
    createInterface(child.stdout).on("line", (text) => {
      const line = JSON.parse(text) as LogLine;
      lines.push(line);
      for (const tell of waiting) tell(line);
    });
  }
  const line: AtelierProcess["line"] = (fits) =>
    new Promise((resolve, reject) => {
      const early = lines.find(fits);
      if (early) return resolve(early);
      const tell = (next: LogLine) => {
        if (!fits(next)) return;
        waiting.delete(tell);
        resolve(next);
      };
      waiting.add(tell);
      child.once("exit", (code) => reject(new Error(`Atelier ended with ${code}: ${errors}`)));
    });
  const ready = await line(({ msg }) => msg === "Atelier is ready");
  return {
    url: String(ready.address),
    pid: child.pid ?? 0,
    lines,
    line,
    async stop() {
      child.kill("SIGTERM");
      return exitOf(child);
    },
    async kill() {
      child.kill("SIGKILL");
      await exitOf(child);
    },
  };
}

/** Runs the program to its end, as for `--check` or with a wrong configuration. */
export async function runAtelier(args: readonly string[], environment: Environment) {
  const child = launch(args, environment);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return { code: await exitOf(child), stdout, stderr };
}

function launch(args: readonly string[], environment: Environment): ChildProcess {
  const child = spawn(process.execPath, ["src/main.js", ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  child.once("exit", () => living.delete(child));
  return child;
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}
