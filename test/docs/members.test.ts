import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { textFor } from "../../src/text/text.ts";

const pages = [
  { page: "docs/members.md", locale: "en" },
  { page: "docs/members.zh-CN.md", locale: "zh-CN" },
] as const;
const read = (page: string) => readFileSync(page, "utf8");
const found = (page: string, what: RegExp) => new Set([...read(page).matchAll(what)].map(([, word = ""]) => word));

test.each(pages)("every command in $page is one", ({ page }) => {
  const names = commands.flatMap(({ name, group, entry }) => (entry === "typed" ? [group?.name ?? name] : []));
  const written = found(page, /`\/([a-z]+)/g);
  expect(written.size).toBeGreaterThan(5);
  for (const name of written) expect(names).toContain(name);
});

test.each(pages)("every button and menu entry in $page is called so", ({ page, locale }) => {
  const { batches, buttons, discord } = textFor(locale);
  const labels = [batches.cancelRest, ...Object.values(buttons), ...Object.values(discord)].filter(
    (label) => typeof label === "string",
  );
  const slack = ["Create image", "Edit image"]; // Slack's manifest knows one language
  const written = found(page, /\*\*([^*]+)\*\*/g);
  expect(written.size).toBeGreaterThan(5);
  const theirs = [...written].filter((label) => ![...labels, ...slack].includes(label));
  expect(theirs).toEqual(locale === "en" ? ["Reply"] : ["回复"]);
});

test("both languages say the same: as many parts, options and commands", () => {
  const shape = (page: string) => ({
    parts: read(page).match(/^## /gm)?.length,
    options: read(page).match(/^\| /gm)?.length,
    commands: [...found(page, /`\/([a-z]+)/g)],
  });
  expect(shape(pages[1].page)).toEqual(shape(pages[0].page));
});
