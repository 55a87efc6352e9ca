import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { LogLine } from "../support/atelier.ts";

const rooms = ["src", "commands", "test", "bench", "docs"];
const files = [
  "package.json",
  "tsconfig.json",
  "tsconfig.browser.json",
  "biome.json",
  "knip.json",
  ".gitignore",
  "README.md",
];
const configs = ["vitest.config.ts", "vitest.browser.config.ts"];

/** A copy of the repository, as somebody who follows the documents has it after `npm ci`. */
export interface Checkout {
  readonly folder: string;
  read(file: string): string;
  write(file: string, content: string): void;
  /** Runs a line of the documents in a shell, with nothing but `environment`; resolves when it has ended. */
  run(line: string, environment?: Readonly<Record<string, string>>): Promise<{ code: number | null; output: string }>;
  /** Runs a line that goes on until it is stopped. */
  start(line: string, environment?: Readonly<Record<string, string>>): Running;
  remove(): void;
}

export interface Running {
  /** The log line with this message, once it is there. */
  says(message: string): Promise<LogLine>;
  /** As Ctrl-C does: the whole group of processes. */
  stop(): Promise<void>;
}

export function copyRepository(): Checkout {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-docs-"));
  for (const each of [...rooms, ...files, ...configs]) cpSync(each, path.join(folder, each), { recursive: true });
  symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
  return {
    folder,
    read: (file) => readFileSync(path.join(folder, file), "utf8"),
    write(file, content) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    },
    async run(line, environment = {}) {
      const child = shell(folder, line, environment);
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const output = await text(child.stdout);
      return { code: await ended, output };
    },
    start: (line, environment) => start(folder, line, environment),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Whatever still runs when the tests end dies with them. */
const groups = new Set<number>();
process.on("exit", () => {
  for (const group of groups) process.kill(-group, "SIGKILL");
});

/** A group of processes of its own, both of whose outputs are one. */
function shell(folder: string, line: string, environment: Readonly<Record<string, string>> = {}) {
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, NO_COLOR: "1", ...environment };
  const child = spawn("sh", ["-c", `exec 2>&1; ${line}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const group = child.pid;
  if (group === undefined) throw new Error("there is no shell");
  groups.add(group);
  child.once("close", () => groups.delete(group));
  return Object.assign(child, { group });
}

function start(folder: string, line: string, environment?: Readonly<Record<string, string>>): Running {
  const child = shell(folder, line, environment);
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on("line", (said) => lines.push(said));
  const closed = once(child, "close");
  return {
    async says(message) {
      for (;;) {
        const found = lines.find((said) => said.includes(`"msg":"${message}`));
        if (found !== undefined) return JSON.parse(found) as LogLine;
        const ended = closed.then(() => Promise.reject(new Error(`${line} ended:\n${lines.join("\n")}`)));
        await Promise.race([once(reader, "line"), ended]);
      }
    },
    async stop() {
      if (groups.has(child.group)) process.kill(-child.group, "SIGINT");
      await closed;
    },
  };
}
