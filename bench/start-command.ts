import { readFileSync } from "node:fs";

/** The words of `npm start`, without `node` and without the file of an operator's own settings. */
export function startCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
  const [, ...words] = scripts.start.split(" ");
  return words.filter((word) => !word.startsWith("--env-file"));
}

/** Gives what `npm start` tells node itself, such as how much memory its youngest objects may take. */
export function startFlags(): string[] {
  return startCommand().filter((word) => word.startsWith("--"));
}
