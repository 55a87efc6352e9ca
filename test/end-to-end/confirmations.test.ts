import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";
import { photograph } from "./discord-stage.ts";

/** The real program asks before it spends much, is started anew, and is answered then. */
let folder: string;
let service: FakeTokenHub;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let bot: AtelierProcess;

const yes = "Yes, for at most 750 credits";
const dear = "in oil --size 2048x1152 --count 3";

async function start(): Promise<void> {
  bot = await startAtelier({
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "1000" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
    ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
  });
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  service = await startFakeTokenHub();
  discord = await startFakeDiscord();
  slack = await fakeSlack();
  await start();
});
afterEach(async () => {
  const violations = [...discord.violations, ...slack.slack.violations, ...service.violations];
  await bot.kill();
  await slack.close();
  await discord.stop();
  await service.close();
  rmSync(folder, { recursive: true });
  expect(violations).toEqual([]);
});

test("on Discord: nothing is spent until yes, and then once, with the member's own images", async () => {
  const ann = discord.user("Ann");
  const own = () => discord.messages(discord.general).filter(({ author }) => author === discord.state.botId);
  discord.say(ann, `${discord.mention} ${dear}`, { files: [await photograph("cat.png")] });
  const question = await discord.until(() => own().find(({ content }) => content.includes("750 credits")), "question");
  const credits = discord.command(ann, "credits");
  await discord.until(() => credits.reply?.content.includes("1,000 credits available"), "all credits");
  await bot.kill();
  await start();
  discord.press(ann, question, yes);
  discord.press(ann, question, yes);
  await discord.until(() => question.attachments.length === 3, "three images in the place of the question");
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  const after = discord.command(ann, "credits");
  await discord.until(() => after.reply?.content.includes("250 credits available"), "the rest");
  expect(service.requests).toMatchObject([{ path: "/api/v1/images/edits", fields: { prompt: "in oil", n: "3" } }]);
  expect(service.requests[0]?.files).toHaveLength(1);
  expect(own()).toHaveLength(1);
});

test("on Slack: nothing is spent until yes, and then once, with the member's own images and no token on disk", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  workspace.uploads.set("cat.png", (await photograph("cat.png")).bytes);
  await ada.mention(dear, { channel: "C1", files: ["cat.png"] });
  const question = await workspace.until(() =>
    workspace.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("750 credits")),
  );
  expect(workspace.messages).toEqual([]);
  await bot.kill();
  const kept = readdirSync(folder).filter((name) => name.includes("sqlite") || name.includes(".db"));
  expect(kept.length).toBeGreaterThan(0);
  for (const name of kept) {
    const bytes = readFileSync(path.join(folder, name));
    expect(bytes.includes(workspace.botToken)).toBe(false);
  }
  await start();
  await ada.press(question, yes);
  await ada.press(question, yes);
  const images = () => JSON.stringify(workspace.messagesIn("C1").map(({ blocks }) => blocks)).match(/slack_file/g);
  await workspace.until(() => images()?.length === 3);
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  expect(service.requests).toHaveLength(1);
  expect(service.requests[0]?.files).toHaveLength(1);
  expect(workspace.messages.filter(({ deleted }) => !deleted)).toHaveLength(1);
});
