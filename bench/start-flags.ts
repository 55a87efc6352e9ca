import { readFileSync } from "node:fs";

/** What `npm start` tells node itself, such as how much memory its youngest objects may take. */
export function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
  return scripts.start.split(" ").filter((word) => word.startsWith("--") && !word.startsWith("--env-file"));
}
