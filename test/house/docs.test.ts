import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { providerDefinitions } from "../../src/providers/index.ts";
import { renderServices } from "../../src/render-services.ts";

const read = (file: string) => readFileSync(file, "utf8");

test("the table of services is the one that their adapters give", () => {
  expect(read("docs/providers.md")).toContain(renderServices());
});

test("every variable that the program reads is explained", () => {
  const explained = read("docs/configuration.md");
  const names = [...read("src/config.ts").matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = ""]) => name);
  const own = providerDefinitions.flatMap(({ variables }) => Object.keys(variables));
  const shortened = (name: string) =>
    name.replace(/^NODEKEY_PRICE_[24]K/, (start) => start.replace("NODEKEY_PRICE", ""));
  expect(names.length).toBeGreaterThan(25);
  expect([...names, ...own].filter((name) => !explained.includes(`\`${shortened(name)}`))).toEqual([]);
});

test("every file that the documents point to is there", () => {
  const files = ["README.md", ...globSync("docs/*.md")];
  for (const file of files) {
    for (const [, target = ""] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(() => readFileSync(new URL(target, `file://${process.cwd()}/${file}`))).not.toThrow();
    }
  }
});

test("the example of a configuration for Discord is a good one", () => {
  const environment = { DISCORD_TOKEN: "the-token", TOKENHUB_API_KEY: "th-key", DISCORD_GUILD_ID: "1" };
  expect(loadConfig(environment, providerDefinitions).playground).toBe(false);
});
