import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import { startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";
import { httpLine } from "../support/slack/socket.ts";
import { type Checkout, copyRepository, type Running } from "./checkout.ts";
import { blocksOf } from "./markdown.ts";

/** Somebody new, who does what the page says and nothing else; only the addresses are those of servers on 127.0.0.1. */
let copy: Checkout;
let service: FakeTokenHub;
let bot: Running | undefined;

beforeEach(async () => {
  copy = copyRepository();
  service = await startFakeTokenHub();
});
afterEach(async () => {
  await bot?.stop();
  bot = undefined;
  expect(service.violations).toEqual([]);
  await service.close();
  copy.remove();
});

const stepsOf = (page: string) => readFileSync(page, "utf8").split("\n## ")[0] ?? "";
/** The words in backquotes, of which the steps must have these. */
function typed(steps: string, words: string): string {
  expect(steps).toContain(`\`${words}\``);
  return words;
}

/** Writes the first example of the page to `.env`, with the reader's own values in it. */
function configure(page: string, own: Readonly<Record<string, string>>, edit = (example: string) => example): void {
  const example = edit(blocksOf(page).find(({ language }) => language === "dotenv")?.text ?? "");
  const names = Object.keys(parseEnv(example));
  expect(names.filter((name) => !(name in own))).toEqual([]);
  const lines = example.split("\n").map((line) => line.replace(/^(\w+)=.*/, (_, name) => `${name}=${own[name]}`));
  copy.write(".env", lines.join("\n"));
}

/** Starts what the page has the reader start; resolves once it is ready. */
async function start(steps: string, addresses: Readonly<Record<string, string>>): Promise<{ url: string }> {
  const environment = { PORT: "0", TOKENHUB_BASE_URL: service.baseUrl, ...addresses };
  const checked = await copy.run(typed(steps, "npm start -- --check"), environment);
  expect(checked.code, checked.output).toBe(0);
  expect(checked.output).toMatch(/ok {6}tokenhub/);
  bot = copy.start(typed(steps, "npm start"), environment);
  return { url: String((await bot.says("Atelier is ready")).address) };
}

test("docs/discord.md leads to the first image in a channel", async () => {
  const discord = await startFakeDiscord();
  const steps = stepsOf("docs/discord.md");
  configure("docs/discord.md", {
    DISCORD_TOKEN: discord.token,
    DISCORD_GUILD_ID: discord.general.guild?.id ?? "",
    TOKENHUB_API_KEY: service.apiKey,
  });
  await start(steps, { DISCORD_API_URL: discord.url });
  const invitation = await bot?.says("discord: add the bot to a server with this link");
  expect(String(invitation?.link)).toContain("/oauth2/authorize?client_id=");

  const [, prompt] = /^\/imagine prompt: (.*)$/.exec(typed(steps, "/imagine prompt: a red bicycle")) ?? [];
  discord.command(discord.user("Ann"), "imagine", { prompt: String(prompt) });
  const images = () => discord.messages(discord.general).flatMap(({ attachments }) => attachments);
  await discord.until(() => images().length === 1, "an image in the channel");
  expect(service.requests[0]?.fields).toMatchObject({ prompt: "a red bicycle" });
  await bot?.stop();
  expect(discord.violations).toEqual([]);
  await discord.stop();
}, 120_000);

describe.each(["socket", "http"] as const)("docs/slack.md, by %s", (mode) => {
  test("leads to the first image in a channel", async () => {
    const { slack, apiUrl, line, origin, close } = await fakeSlack();
    const steps = stepsOf("docs/slack.md");
    const render = "npm run --silent render -- slack";
    const manifest = await copy.run(typed(steps, mode === "socket" ? render : `${render} https://atelier.example`));
    const app = JSON.parse(manifest.output) as {
      features: { slash_commands: { command: string; url?: string }[] };
      oauth_config: { scopes: { bot: string[] } };
      settings: { socket_mode_enabled: boolean };
    };
    expect(app.settings.socket_mode_enabled).toBe(mode === "socket");
    expect(new Set(app.oauth_config.scopes.bot)).toEqual(slack.scopes);
    const [command] = app.features.slash_commands;

    const own = { SLACK_BOT_TOKEN: slack.botToken, TOKENHUB_API_KEY: service.apiKey };
    if (mode === "socket") configure("docs/slack.md", { ...own, SLACK_APP_TOKEN: slack.appToken });
    else {
      const byHttp = (example: string) => example.replace(/^SLACK_APP_TOKEN.*\n/m, "").replace(/^# (?=SLACK_)/gm, "");
      configure("docs/slack.md", { ...own, SLACK_SIGNING_SECRET: slack.signingSecret }, byHttp);
    }
    const { url } = await start(steps, { SLACK_API_URL: apiUrl });
    const events = new URL(command?.url ?? "https://atelier.example/slack/events").pathname;
    const ada = member(slack, mode === "socket" ? line : httpLine(slack, `${url}${events}`), origin);
    const [name = "", ...words] = typed(steps, "/imagine a red bicycle").split(" ");
    expect(name).toBe(command?.command);
    await ada.slash(name, words.join(" "));
    await slack.until(() => JSON.stringify(slack.messagesIn("C1")).includes("slack_file"));
    expect(service.requests[0]?.fields).toMatchObject({ prompt: "a red bicycle" });
    await bot?.stop();
    expect(slack.violations).toEqual([]);
    await close();
  }, 120_000);
});

test("the README leads to the first image in the playground", async () => {
  const readme = readFileSync("README.md", "utf8");
  const line = blocksOf("README.md").find(({ heading }) => heading === "Try it")?.text;
  expect(line).toBe("npm ci && npm start");
  expect(readme).toContain("http://127.0.0.1:8080"); // where it is without PORT: test/config/config.test.ts
  bot = copy.start("npm start", { PORT: "0" });
  const { msg } = await bot.says("The playground is open at ");
  const [url = ""] = /http:\S+/.exec(msg) ?? [];
  const page = await fetch(url);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);

  const form = new FormData();
  form.append("prompt", "a red bicycle");
  const headers = { "idempotency-key": "first-image", origin: url };
  const asked = await fetch(`${url}/api/commands/imagine`, { method: "POST", body: form, headers });
  const { job } = (await asked.json()) as { job: JobJson };
  const events = await (await fetch(`${url}/api/jobs/${job.id}/events`)).text();
  const last = JSON.parse(
    events
      .match(/^data: (\{.*\})$/gm)
      ?.at(-1)
      ?.slice("data: ".length) ?? "",
  ) as JobJson;
  expect((await fetch(`${url}${last.images[0]?.url}`)).headers.get("content-type")).toBe("image/png");
}, 120_000);
