import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { enFailures } from "../../src/text/en/errors.ts";

/** The program's own sentences, as they stand in its source. */
const source = globSync("src/**/*.ts").map((file) => readFileSync(file, "utf8"));
const page = readFileSync("docs/operating.md", "utf8");
const troubleshooting = page.slice(page.indexOf("## Troubleshooting"));
const quotes = [...troubleshooting.matchAll(/“([^”]+)”/g)].map(([, quote = ""]) => quote);

/** As it stands between two holes of a template, or as a whole. */
function isSaid(quote: string): boolean {
  const parts = quote.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const words = new RegExp(parts.join("\\$\\{[^`]*?\\}"));
  return source.some((text) => words.test(text));
}

test.each(quotes)("the program says “%s” in just these words", (quote) => {
  expect(isSaid(quote)).toBe(true);
});

test("sentences that nobody says are noticed", () => {
  expect(isSaid("The image service is tired.")).toBe(false);
  expect(isSaid("This costs up to … credits and you want …")).toBe(false);
});

test("every reason for which a job fails is explained to operators, except what the member can mend", () => {
  const membersOwn = ["lost-files"];
  const sentences = Object.entries(enFailures).flatMap(([name, say]) =>
    membersOwn.includes(name) ? [] : [say(undefined, undefined, "Ada")],
  );
  for (const sentence of sentences) {
    expect(
      quotes.some((quote) => sentence.startsWith(quote) || sentence.includes(quote)),
      sentence,
    ).toBe(true);
  }
});

test("there are sentences to check", () => {
  expect(quotes.length).toBeGreaterThan(20);
});

test("messages of the log that have other names now are said under the new one, and only there", () => {
  const rows = [...page.matchAll(/^\| the log \| (.+) \| (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(5);
  const said = (message: string) => source.some((text) => new RegExp(`,\\s+"${message}`).test(text));
  expect(rows.filter(([, earlier = "", now = ""]) => said(earlier) || !said(now)).map(([row]) => row)).toEqual([]);
});
