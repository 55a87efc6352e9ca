import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Mutation, mutations } from "./mutation-list.ts";

export interface MutationOptions {
  /** Which check must notice: the property test, or real processes that are killed. */
  readonly by: "soak" | "chaos";
  /** Runs of the one, rounds of the other. */
  readonly runs: string;
  readonly seed: string;
  say(line: string): void;
}

/**
 * Takes one safeguard after the other out of a copy of the source, and expects a check to notice. False when
 * one goes unnoticed; throws when a text that is looked for is not in the source any more.
 */
export async function noticeMutations(options: MutationOptions): Promise<boolean> {
  let noticed = 0;
  const tried = mutations.filter(({ byChaos }) => byChaos || options.by === "soak");
  for (const mutation of tried) {
    const words = await notices(mutation, options);
    if (words !== undefined) noticed += 1;
    options.say(
      words === undefined ? `UNNOTICED  ${mutation.name}: ${mutation.why}` : `noticed    ${mutation.name}: ${words}`,
    );
  }
  options.say(`${noticed} of ${tried.length} mutations were noticed`);
  return noticed === tried.length;
}

/** Gives what the check had to say; undefined when it found nothing. */
async function notices(mutation: Mutation, { by, runs, seed }: MutationOptions): Promise<string | undefined> {
  const copy = mkdtempSync(path.join(tmpdir(), "atelier-mutation-"));
  try {
    for (const folder of ["src", "commands", "test"]) cpSync(folder, path.join(copy, folder), { recursive: true });
    cpSync("package.json", path.join(copy, "package.json"));
    symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"));
    for (const edit of mutation.edits) apply(copy, mutation.name, edit);
    const child = spawn(process.execPath, argumentsFor(by, runs, seed), {
      cwd: copy,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += chunk;
      });
    }
    const [code] = await once(child, "close");
    const found = by === "soak" ? said.includes("Property failed") : /rounds, [1-9]\d* violations/.test(said);
    if (code !== 0 && !found) throw new Error(`the copy did not run: ${said.slice(-2000)}`);
    return found ? findingOf(said) : undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function argumentsFor(by: MutationOptions["by"], runs: string, seed: string): string[] {
  if (by === "chaos") return ["test/chaos/main.ts", "--rounds", runs, "--seed", seed];
  return ["test/property/soak.ts", "--runs", runs, "--seed", seed, "--store", "sqlite"];
}

function apply(copy: string, name: string, { file, from, to }: Mutation["edits"][number]): void {
  const at = path.join(copy, file);
  const before = readFileSync(at, "utf8");
  if (before.split(from).length !== 2) throw new Error(`mutation ${name}: ${file} does not hold exactly once: ${from}`);
  writeFileSync(
    at,
    before.replace(from, () => to),
  );
}

/** The first thing that was wrong, out of the report. */
function findingOf(report: string): string {
  const cause = report.split("[cause]: Error: ")[1];
  if (cause !== undefined) return cause.split("\n").slice(0, 2).join(" ").slice(0, 200);
  const found = report.split("\n").filter((line) => /: [1-9]\d*$/.test(line) && !line.includes("fail point"));
  const wrong = found.filter((line) =>
    /overcharged|lost|burned|calls for|for ever|second|dropped|twice|ahead|broken|ended/.test(line),
  );
  return wrong.map((line) => line.trim()).join(", ");
}
