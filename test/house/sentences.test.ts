import { globSync, readFileSync } from "node:fs";
import { parseSync } from "@swc/core";
import { expect, test } from "vitest";

/** Rooms whose words reach members; what src/app, src/cli, src/config and src/store say is for operators. */
const rooms = "{commands,src/{command,jobs,credits,images,policy,settlement,usecases,views,worker,server,platforms}}";

/** Files that speak to operators and their machines only: metrics, limits of bodies, callbacks, a start that fails. */
const toOperators = [
  "src/platforms/discord/start.ts",
  "src/platforms/slack/api/check-tokens.ts",
  ...["callbacks", "grants", "guards", "metrics", "metrics-page", "observe"].map((name) => `src/server/${name}.ts`),
];
const files = globSync(`${rooms}/**/*.{ts,js}`).filter((file) => !toOperators.includes(file));

/** Calls whose words are for the log: the messages of errors are never shown to members. */
const toLog = /(Error|Fault|Failure)$|\.(info|warn|error)$/;

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly callee?: Node;
  readonly property?: Node;
  readonly object?: Node;
  readonly [field: string]: unknown;
}

/** The sentences in a source: more than two words, a capital at the start, a full stop, question or exclamation mark. */
function sentencesIn(source: string): string[] {
  return walk(parseSync(source, { syntax: "typescript" }) as unknown as Node);
}

function walk(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(walk);
  const { type, callee, ...rest } = node as Node;
  if ((type === "NewExpression" || type === "CallExpression") && toLog.test(nameOf(callee))) return [];
  if (type === "StringLiteral") return isSentence(String(rest.value)) ? [String(rest.value)] : [];
  if (type === "TemplateLiteral") {
    const text = (rest.quasis as Node[]).map(({ cooked }) => String(cooked)).join("…");
    return [...(isSentence(text) ? [text] : []), ...walk(rest.expressions)];
  }
  return Object.values({ callee, ...rest }).flatMap(walk);
}

function nameOf(callee: Node | undefined): string {
  if (callee?.type === "Identifier") return String(callee.value);
  return callee?.type === "MemberExpression" ? `${nameOf(callee.object)}.${nameOf(callee.property)}` : "";
}

function isSentence(text: string): boolean {
  return /^[A-Z]/.test(text) && /[.?!]$/.test(text.trim()) && text.trim().split(/\s+/).length > 2;
}

test("sentences for people stand in src/text only", () => {
  expect(files.length).toBeGreaterThan(300);
  const found = files.flatMap((file) => sentencesIn(readFileSync(file, "utf8")).map((text) => `${file}: ${text}`));
  expect(found).toEqual([]);
});

test("a sentence is found wherever it is hidden, and what is for the log is not", () => {
  const source = [
    'res.send("Nothing is here.");',
    `const why = \`You have \${n} credits left.\`;`,
    'throw new Error("That must not be."); log.info({}, "It went wrong."); const id = "no-sentence";',
  ];
  expect(sentencesIn(source.join("\n"))).toEqual(["Nothing is here.", "You have … credits left."]);
});
