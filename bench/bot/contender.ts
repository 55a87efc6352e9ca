import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { startCommand } from "../start-command.ts";

/** A bot as a process of its own, started as its operator would start it, but for the look at its stalls. */
export interface Contender {
  readonly pid: number;
  /** Asks what --import has loaded into it. */
  ask(word: string): Promise<unknown>;
  /** Resolves to the longest time in which nothing else could run while `work` was done. */
  stallDuring(work: () => Promise<void>): Promise<number>;
  stop(): Promise<void>;
}

export interface Addresses {
  readonly discord: string;
  readonly service: string;
}

/** The same bot in another version of this program is started there: `BENCH_ATELIER=folder npm run bench -- bot`. */
const { BENCH_ATELIER: elsewhere } = process.env;

/** `flags` are for node itself, `more` are variables. */
export function startAtelier(
  { discord, service }: Addresses,
  flags: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const { environment, words } = startCommand();
  const settings = {
    ...environment,
    ...{ PORT: "0", DATA_DIR: folder },
    ...{ DISCORD_TOKEN: "bench", DISCORD_API_URL: discord },
    ...{ OPENAI_API_KEY: "sk-bench", OPENAI_BASE_URL: service },
    OPENAI_PARTIAL_IMAGES: "0", // the same call as the usual bot makes
    ...{ USER_DAILY_CREDITS: "1000000000" },
    ...more,
  };
  return start([...flags, ...words], settings, () => rmSync(folder, { recursive: true, force: true }), elsewhere);
}

export function startUsual({ discord, service }: Addresses): Promise<Contender> {
  const settings = { DISCORD_TOKEN: "bench", DISCORD_API_URL: discord, OPENAI_BASE_URL: service };
  return start([path.join(import.meta.dirname, "usual.ts")], settings, () => undefined);
}

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

async function start(
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
  cleanUp: () => void,
  cwd = process.cwd(),
): Promise<Contender> {
  const watch = ["--import", path.join(import.meta.dirname, "stalls.ts")];
  const profile = (process.env.BENCH_NODE_FLAGS ?? "").split(" ").filter((flag) => flag !== "");
  const child = spawn(process.execPath, [...watch, ...profile, ...command], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  living.add(child);
  let stopping = false;
  child.once("exit", (code) => {
    living.delete(child);
    cleanUp();
    if (!stopping) throw new Error(`${command.join(" ")} ended with ${code}`);
  });
  await ready(child);
  const ask = async (word: string) => {
    child.send(word);
    const [answer] = await once(child, "message");
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    ask,
    async stallDuring(work) {
      child.send("start");
      await work();
      return ((await ask("stop")) as { stallMs: number }).stallMs;
    },
    async stop() {
      stopping = true;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Both say so on their standard output, as JSON. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (!child.stdout) return;
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith("{")) {
        process.stderr.write(`${line}\n`);
        return;
      }
      const { msg, level } = JSON.parse(line) as { msg: string; level?: number };
      if (msg === "ready" || msg === "Atelier is ready") resolve();
      if ((level ?? 0) >= 50) process.stderr.write(`${msg}\n`);
    });
  });
}
