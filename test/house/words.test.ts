import { globSync, readFileSync } from "node:fs";
import { parseSync } from "@swc/core";
import { expect, test } from "vitest";

/** This file names them all. */
const self = "test/house/words.test.ts";
const files = globSync("{src,commands,test,bench}/**/*.{ts,js}");

/** Names that stood for several ideas, or for none that the field knows; docs/contributing.md has the words instead. */
const bannedNames =
  /^(Room|FittingRoom|hasRoom|roomPerImage|Place|Parts|Given|Surroundings|Around|Shop|(as|note)?[dD]eeds?|Wish|wished|Question|isDear|refuseTooDear|obeyRules|Rulebook|roughRequest|someImage|deathAt|Asked|knowing|consider|(\w+)?Desk|Talk|broughtBy|carryOut|endWithImages|endWithError|HeldBack|FilesLost|NotWritten|roster|rejoin|paces|lately|priceOf|(\w+)?[bB]ooks|told|Told)$/;
const bannedPhrases = /\b(muzzle|one journey|pays? in|(the|with) books|sudden death|deeds?|wish(ed)?|roster|lately)\b/i;

/** Their words are those of the database that they change. */
const isHistory = (file: string) => file.startsWith("src/store/migrations/");

interface Source {
  readonly names: ReadonlySet<string>;
  readonly comments: readonly string[];
}

function read(text: string): Source {
  const names = new Set<string>();
  collect(parseSync(text, { syntax: "typescript" }), names);
  const comments = [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<=^|[\s;,{}()])\/\/ .*$/gm)].map(([comment]) => comment);
  return { names, comments };
}

function collect(node: unknown, names: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  const { type, value } = node as { type?: unknown; value?: unknown };
  if (type === "Identifier" || type === "PrivateName") names.add(String(value));
  for (const child of Object.values(node)) collect(child, names);
}

/** The docstrings that say no sentence of their own. */
const begun = (comment: string) => /^\/\*\*\s*(\*\s*)?(What|Of)\b/.test(comment);

/** Docstrings of exports that leave their subject out. */
function clauses(text: string): string[] {
  const leading =
    /^\/\*\* ((?:Where|Who|Whose|How|When|Whether|Undefined|Newest|Oldest|As|Without|With|Only|Nothing|Not|In|At|On|Until|Up|For|Before|By|After) [^\n]*) \*\/\nexport /gm;
  return [...text.matchAll(leading)].map(([, sentence = ""]) => sentence);
}

const sources = files.filter((file) => file !== self).map((file) => ({ file, ...read(readFileSync(file, "utf8")) }));

test("no name and no comment uses a word that the vocabulary has replaced", () => {
  const found = sources.flatMap(({ file, names, comments }) => {
    if (isHistory(file)) return [];
    const wrong = [...names].filter((name) => bannedNames.test(name));
    return [...wrong, ...comments.filter((comment) => bannedPhrases.test(comment))].map((each) => `${file}: ${each}`);
  });
  expect(found).toEqual([]);
});

test("every docstring is a sentence with a subject: none begins with What or Of", () => {
  const found = sources.flatMap(({ file, comments }) => comments.filter(begun).map((each) => `${file}: ${each}`));
  expect(files.length).toBeGreaterThan(500);
  expect(found).toEqual([]);
});

test("a docstring of an export begins with its subject or its verb, not with a clause about it", () => {
  const found = sources
    .filter(({ file }) => /^(src|commands)\//.test(file) && !isHistory(file))
    .flatMap(({ file }) => clauses(readFileSync(file, "utf8")).map((each) => `${file}: ${each}`));
  expect(found).toEqual([]);
  expect(clauses("/** Where it goes. */\nexport const place = 1;\n/** Undefined now. */\nconst own = 1;")).toHaveLength(
    1,
  );
});

test("a banned word is found as a name and in a comment, and nowhere in between", () => {
  const { names, comments } = read(
    "/** What it is: a deed. */ const Place = 1; // a wish\nconst s = 'Room'; const u = 'http://x';",
  );
  expect([...names].filter((name) => bannedNames.test(name))).toEqual(["Place"]);
  expect(comments.filter((comment) => bannedPhrases.test(comment))).toHaveLength(2);
  expect(comments.filter(begun)).toHaveLength(1);
});
