import { readFileSync } from "node:fs";

/** How `npm start` starts the program, without `node` and without the file of an operator's own settings. */
export interface StartCommand {
  /** Settings of the allocator, which a running process can no longer change. */
  readonly environment: Readonly<Record<string, string>>;
  /** Words for node itself, then the program. */
  readonly words: readonly string[];
}

export function startCommand(): StartCommand {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
  const [settings = "", words = ""] = scripts.start.split("node ", 2);
  const pairs = settings.split(" ").flatMap((pair) => (pair === "" ? [] : [pair.split("=", 2)]));
  return {
    environment: Object.fromEntries(pairs),
    words: words.split(" ").filter((word) => !word.startsWith("--env-file")),
  };
}

/** The same for a program that is started without these words. */
export function startEnvironment(): Record<string, string> {
  const { environment, words } = startCommand();
  return { ...environment, NODE_OPTIONS: words.filter((word) => word.startsWith("--")).join(" ") };
}
