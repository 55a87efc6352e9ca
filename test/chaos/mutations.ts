import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Mutation, mutations } from "./mutation-list.ts";

export interface MutationOptions {
  /** Of the property test, for each. */
  readonly runs: string;
  readonly seed: string;
  say(line: string): void;
}

/**
 * Takes one safeguard after the other out of a copy of the source, and expects the property test to notice. False when
 * one goes unnoticed; throws when a text that is looked for is not in the source any more.
 */
export async function noticeMutations(options: MutationOptions): Promise<boolean> {
  let noticed = 0;
  for (const mutation of mutations) {
    const words = await notices(mutation, options);
    if (words !== undefined) noticed += 1;
    options.say(
      words === undefined ? `UNNOTICED  ${mutation.name}: ${mutation.why}` : `noticed    ${mutation.name}: ${words}`,
    );
  }
  options.say(`${noticed} of ${mutations.length} mutations were noticed`);
  return noticed === mutations.length;
}

/** What the property test had to say; undefined when it found nothing. */
async function notices(mutation: Mutation, { runs, seed }: MutationOptions): Promise<string | undefined> {
  const copy = mkdtempSync(path.join(tmpdir(), "atelier-mutation-"));
  try {
    for (const folder of ["src", "commands", "test"]) cpSync(folder, path.join(copy, folder), { recursive: true });
    cpSync("package.json", path.join(copy, "package.json"));
    symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"));
    for (const edit of mutation.edits) apply(copy, mutation.name, edit);
    const args = ["test/property/soak.ts", "--runs", runs, "--seed", seed, "--store", "sqlite"];
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const [code] = await once(child, "close");
    const found = errors.includes("Property failed");
    if (code !== 0 && !found) throw new Error(`the copy did not run: ${errors.slice(0, 2000)}`);
    return found ? findingOf(errors) : undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
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

/** The first thing that was wrong, out of fast-check's report. */
function findingOf(report: string): string {
  const after = report.split("[cause]: Error: ")[1] ?? report;
  const [when = "", first = ""] = after.split("\n");
  return `${when.trim()} ${first.trim()}`.slice(0, 200);
}
