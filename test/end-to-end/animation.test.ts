import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import { animation } from "../images/samples.ts";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

/** The real program on every surface, before a service whose model makes an animation. */
let folder: string;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let service: FakeApimodels;
let bot: AtelierProcess;
const gif = await animation().gif().toBuffer();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  [discord, slack, service] = await Promise.all([startFakeDiscord(), fakeSlack(), startFakeApimodels({ image: gif })]);
  bot = await startAtelier({
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000", PLAYGROUND: "on" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
    ...{ APIMODELS_API_KEY: service.apiKey, APIMODELS_BASE_URL: service.baseUrl },
    ...{ TRUSTED_ORIGINS: service.fileOrigin },
  });
});
afterAll(async () => {
  const violations = [...discord.violations, ...slack.slack.violations, ...service.violations];
  await bot.kill();
  await Promise.all([service.close(), slack.close()]);
  await discord.stop();
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
});

test("an animation comes out on Discord byte for byte, and its edit begins with a PNG and says so", async () => {
  const ann = discord.user("Ann");
  discord.command(ann, "imagine", { prompt: "a fox that runs" });
  const [message] = await discord.until(() => {
    const messages = discord.messages(discord.general);
    return messages.length > 0 && messages;
  }, "a result");
  expect(message?.attachments.map(({ bytes }) => bytes.equals(gif))).toEqual([true]);
  expect(message?.attachments[0]?.filename).toMatch(/\.gif$/);
  const varied = discord.press(ann, message ?? expect.fail("no message"), "Vary");
  await discord.until(() => varied.reply?.content?.includes("its first frame is used"), "the note");
  await discord.until(() => discord.messages(discord.general).length === 2, "the variation");
});

test("an animation comes out on Slack byte for byte", async () => {
  const ada = member(slack.slack, slack.line, slack.origin);
  await ada.slash("/imagine", "a fox that runs", "C1");
  const block = await slack.slack.until(() =>
    slack.slack
      .messagesIn("C1")
      .flatMap(({ blocks }) => blocks)
      .find(({ slack_file }) => slack_file !== undefined),
  );
  const { id } = block.slack_file as { id: string };
  expect(slack.slack.files.get(id)?.bytes?.equals(gif)).toBe(true);
});

test("an animation comes out of the playground byte for byte, its preview too", async () => {
  const form = new FormData();
  form.append("prompt", "a fox that runs");
  const headers = { "idempotency-key": crypto.randomUUID(), origin: bot.url };
  const response = await fetch(`${bot.url}/api/commands/imagine`, { method: "POST", body: form, headers });
  const { job } = (await response.json()) as { job: JobJson };
  const events = await (await fetch(`${bot.url}/api/jobs/${job.id}/events`)).text();
  const last = events.match(/^data: (\{.*\})$/gm)?.at(-1);
  const [image] = (JSON.parse(last?.slice("data: ".length) ?? "") as JobJson).images;
  for (const address of [image?.url, image?.preview]) {
    const file = await fetch(`${bot.url}${address}`);
    expect(file.headers.get("Content-Type")).toBe("image/gif");
    expect(Buffer.from(await file.arrayBuffer()).equals(gif)).toBe(true);
  }
});
