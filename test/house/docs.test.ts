import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { renderModels, renderServices } from "../../src/app/render-services.ts";
import { providerDefinitions } from "../../src/providers/index.ts";

const read = (file: string) => readFileSync(file, "utf8");

test("the table of services is the one that their adapters give", () => {
  expect(read("docs/providers.md")).toContain(renderServices());
});

test("the table of OpenAI's models is the one that the adapter gives", () => {
  expect(read("docs/providers.md")).toContain(renderModels());
});

test("every variable that the program reads is explained", () => {
  const explained = read("docs/configuration.md");
  const names = [...read("src/config/config.ts").matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = ""]) => name);
  const own = providerDefinitions.flatMap(({ variables }) => Object.keys(variables));
  const shortened = (name: string) =>
    name.replace(/^NODEKEY_PRICE_[24]K/, (start) => start.replace("NODEKEY_PRICE", ""));
  expect(names.length).toBeGreaterThan(25);
  expect([...names, ...own].filter((name) => !explained.includes(`\`${shortened(name)}`))).toEqual([]);
});

const pages = ["README.md", ...globSync("docs/*.md")];
/** Without what is shown as code. */
const prose = (file: string) => read(file).replace(/^( *)```[\s\S]*?^\1```$/gm, "");
/** As GitHub makes them. */
const anchorsOf = (file: string) =>
  [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );

test.each(pages)("everything that %s points to is there", (file) => {
  for (const [, link = ""] of prose(file).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [name = "", anchor] = link.split("#");
    const target = name === "" ? file : path.join(path.dirname(file), name);
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  }
});

test("every page can be reached from the start page", () => {
  const linked = [...prose("docs/README.md").matchAll(/\]\(([\w.-]+\.md)/g)].map(([, name]) => `docs/${name}`);
  expect(pages.slice(1).filter((page) => page !== "docs/README.md" && !linked.includes(page))).toEqual([]);
});
