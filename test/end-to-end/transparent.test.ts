import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

/** The real program on every surface, before a service that cannot make transparent backgrounds and, behind it, one that can. */
let folder: string;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let able: FakeApimodels;
let unable: FakeTokenHub;
let bot: AtelierProcess;
let sticker: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const fox = await sharp({ create: { width: 512, height: 512, channels: 4, background: "#e60" } })
    .png()
    .toBuffer();
  sticker = await sharp({ create: { width: 1024, height: 1024, channels: 4, background: clear } })
    .composite([{ input: fox }])
    .png()
    .toBuffer();
  [discord, slack, able, unable] = await Promise.all([
    startFakeDiscord(),
    fakeSlack(),
    startFakeApimodels({ image: sticker }),
    startFakeTokenHub(),
  ]);
  bot = await startAtelier({
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000", PLAYGROUND: "on" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
    ...{ TOKENHUB_API_KEY: unable.apiKey, TOKENHUB_BASE_URL: unable.baseUrl },
    ...{ APIMODELS_API_KEY: able.apiKey, APIMODELS_BASE_URL: able.baseUrl },
    ...{ PROVIDERS: "tokenhub,apimodels", TRUSTED_ORIGINS: able.fileOrigin },
  });
});
afterAll(async () => {
  const violations = [...discord.violations, ...slack.slack.violations, ...able.violations, ...unable.violations];
  await bot.kill();
  await Promise.all([able.close(), unable.close(), slack.close()]);
  await discord.stop();
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
});

const asked = { prompt: "a sticker of a fox", background: "transparent" };
const lastCall = () => able.requests.at(-1)?.fields as { background?: unknown; prompt?: unknown };

describe("a transparent background", () => {
  test("comes out of /imagine on Discord, byte for byte, at the quoted price", async () => {
    const ann = discord.user("Ann");
    discord.command(ann, "imagine", asked);
    const [message] = await discord.until(() => {
      const messages = discord.messages(discord.general);
      return messages.length > 0 && messages;
    }, "a result");
    expect(message?.attachments.map(({ bytes }) => bytes.equals(sticker))).toEqual([true]);
    expect(message?.content).toContain("25 credits");
    expect(message?.content).toContain("transparent");
    expect(lastCall()).toMatchObject({ background: "transparent", prompt: asked.prompt });
  });

  test("comes out of the form on Slack", async () => {
    const line = slack.line;
    const ada = member(slack.slack, line, slack.origin);
    await ada.shortcut("imagine");
    const form = await slack.slack.until(() => slack.slack.views.at(-1));
    const before = able.requests.length;
    await ada.submit(form, { ...asked, ".where": "C1" });
    const file = await slack.slack.until(() => {
      const found = slack.slack.messagesIn("C1").flatMap(({ blocks }) => blocks);
      return found.find(({ slack_file }) => slack_file !== undefined);
    });
    expect(able.requests.length).toBe(before + 1);
    expect(lastCall()).toMatchObject({ background: "transparent", prompt: asked.prompt });
    const { id } = file.slack_file as { id: string };
    expect(slack.slack.files.get(id)?.bytes?.equals(sticker)).toBe(true);
    expect(JSON.stringify(slack.slack.messagesIn("C1"))).toContain("25 credits");
  });

  test("comes out of the playground", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(asked)) form.append(name, value);
    const headers = { "idempotency-key": crypto.randomUUID(), origin: bot.url };
    const response = await fetch(`${bot.url}/api/commands/imagine`, { method: "POST", body: form, headers });
    const { job } = (await response.json()) as { job: JobJson };
    const events = await (await fetch(`${bot.url}/api/jobs/${job.id}/events`)).text();
    const last = events.match(/^data: (\{.*\})$/gm)?.at(-1);
    const done = JSON.parse(last?.slice("data: ".length) ?? "") as JobJson;
    expect(JSON.stringify(done)).toContain("25 credits");
    const file = await fetch(`${bot.url}${done.images[0]?.url}`);
    expect(Buffer.from(await file.arrayBuffer()).equals(sticker)).toBe(true);
    expect(lastCall()).toMatchObject({ background: "transparent" });
  });

  test("is refused with the names of those that can, by a service that cannot", async () => {
    const ben = discord.user("Ben");
    const refused = discord.command(ben, "imagine", { ...asked, provider: "tokenhub" });
    const sentence = "TokenHub cannot do background transparent. Services that can: apimodels.app.";
    await discord.until(() => refused.reply?.content?.includes(sentence), sentence);
    const jpeg = discord.command(ben, "imagine", { ...asked, format: "jpeg" });
    await discord.until(() => jpeg.reply?.content?.includes("choose png or webp"), "a refusal of JPEG");
    expect(unable.requests).toEqual([]);
  });
});
