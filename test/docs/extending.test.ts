import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, copyRepository } from "./checkout.ts";
import { applyDiff, type Block, blocksOf } from "./markdown.ts";

/** Somebody who follows the page letter by letter, and then runs what it says in each of its parts. */
const page = "docs/extending.md";
const blocks = blocksOf(page);
const commands = blocks
  .filter(({ language }) => language === "sh")
  .map(({ heading, text }) => [heading, text] as const);
let copy: Checkout;

beforeAll(async () => {
  copy = copyRepository();
  for (const block of blocks.filter(({ language }) => language !== "sh")) follow(block);
  await pasteServices();
});
afterAll(() => copy.remove());

function follow({ language, file, text }: Block): void {
  if (!file) throw new Error(`a block of ${page} belongs to no file`);
  copy.write(file, language === "diff" ? applyDiff(copy.read(file), text) : `${text}\n`);
}

/** The page has the reader paste the table of services where it stood. */
async function pasteServices(): Promise<void> {
  const { output } = await copy.run("npm run --silent render -- services");
  const [before = "", after = ""] = copy.read("docs/providers.md").split(/\n\| {2}\| TokenHub[\s\S]*?\n\n/);
  copy.write("docs/providers.md", `${before}\n${output}\n${after}`);
}

test("the page says how to see that it works, for each of its parts and for all", () => {
  const headings = [
    "Add an image service",
    "Add an asynchronous service",
    "Add a command",
    "Add a platform",
    "At the end",
  ];
  expect(commands.map(([heading]) => heading)).toEqual(headings);
});

test.each(commands)(
  "%s: whoever does as the page says sees %s succeed",
  async (_heading, line) => {
    const { code, output } = await copy.run(line);
    expect(code, output).toBe(0);
  },
  300_000,
);

test("a block that no longer fits its file is noticed", () => {
  const diff = " one\n+two\n three";
  expect(applyDiff("zero\none\nthree\n", diff)).toBe("zero\none\ntwo\nthree\n");
  expect(() => applyDiff("one\nthree\none\nthree\n", diff)).toThrow("more than once");
  expect(() => applyDiff("one\n", diff)).toThrow("nowhere");
});
