import { globSync } from "node:fs";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { providerDefinitions } from "../../src/providers/index.ts";
import { blocksOf } from "./markdown.ts";

/** Blocks of variables, in which readers put their own values; whole lines that are commented out are alternatives. */
const examples = globSync("docs/*.md").flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === "dotenv")
    .map(({ text, heading }) => ({ page, heading, text })),
);

const own: Readonly<Record<string, string>> = {
  DISCORD_TOKEN: "discord-token",
  DISCORD_GUILD_ID: "81384788765712384",
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_STATE_SECRET: "a-secret-of-16-or-more",
};
const filledIn = (name: string, value = "") => own[name] ?? (value.includes("…") ? "own-value" : value);
const configurationOf = (text: string) =>
  Object.fromEntries(Object.entries(parseEnv(text)).map(([name, value]) => [name, filledIn(name, value)]));

test("there are examples for Discord, for Slack and for operators", () => {
  const pages = new Set(examples.map(({ page }) => page));
  for (const page of ["docs/discord.md", "docs/slack.md", "docs/operating.md"]) expect(pages).toContain(page);
});

test.each(examples)("the configuration in $page ($heading) is a good one", ({ text }) => {
  expect(loadConfig(configurationOf(text), providerDefinitions).playground).toBe(false);
});

test.each(examples)("the configuration in $page ($heading) is one with its alternatives, too", ({ text }) => {
  const uncommented = text.replace(/^# (?=[A-Z][A-Z_]+=)/gm, "");
  expect(loadConfig(configurationOf(uncommented), providerDefinitions).playground).toBe(false);
});
