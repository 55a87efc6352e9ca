import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobJson, ReplyJson } from "../../src/platforms/web/job-json.ts";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

/** The real program on every surface: a style is saved from a result, and drawn in. */
let folder: string;
let discord: FakeDiscord;
let slack: Awaited<ReturnType<typeof fakeSlack>>;
let service: FakeTokenHub;
let bot: AtelierProcess;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  [discord, slack, service] = await Promise.all([startFakeDiscord(), fakeSlack(), startFakeTokenHub()]);
  bot = await startAtelier({
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000", PLAYGROUND: "on" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
    ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
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

/** The call in the style of a low wide image: over its image, in its words. */
function expectStyled(prompt: string): void {
  const call = service.requests.at(-1);
  expect(call).toMatchObject({ path: "/api/v1/images/edits", fields: { prompt, quality: "low", size: "2048x1152" } });
  expect(call?.files).toHaveLength(1);
}

test.each([
  ["en-US", "Save as style", "Saved: noir", "style noir"],
  ["zh-CN", "存为风格", "已保存：noir", "风格 noir"],
])("on Discord, in %s", async (locale, button, saved, fact) => {
  const ann = discord.user(`Ann ${locale}`);
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  const before = results().length;
  discord.command(ann, "imagine", { prompt: "a fox", quality: "low", size: "2048x1152" }, { locale });
  const result = await discord.until(() => results()[before], "a result");
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  const pressed = discord.press(ann, result, button, { locale });
  await discord.until(() => pressed.modal, "the form");
  const sent = discord.submitModal(ann, pressed, { name: "noir", before: "film noir of" });
  await discord.until(() => sent.reply?.content?.includes(saved), saved);
  discord.command(ann, "imagine", { prompt: "an owl", style: "noir" }, { locale });
  const styled = await discord.until(() => results()[before + 1], "a styled image");
  expect(styled.content).toContain(fact);
  expectStyled("film noir of an owl");
});

test("on Discord, a name that cannot be is refused in a sentence", async () => {
  const ben = discord.user("Ben");
  const refused = discord.command(ben, "style save", { name: "two words", before: "x" });
  const sentence = "“two words” cannot be the name of a style";
  await discord.until(() => refused.reply?.content?.includes(sentence), sentence);
  const unknown = discord.command(ben, "imagine", { prompt: "an owl", style: "noir" });
  const none = "There is no style “noir”, and none is saved here yet.";
  await discord.until(() => unknown.reply?.content?.includes(none), none);
});

test("on Slack", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const drawn = () => workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks).includes("slack_file"));
  const whisper = (words: string) =>
    workspace.until(() => workspace.whispers.find(({ blocks }) => JSON.stringify(blocks).includes(words)));
  await ada.slash("/imagine", "a fox --quality low --size 2048x1152");
  const result = await workspace.until(() => drawn()[0]);
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  await ada.press(result, "Save as style");
  const form = await workspace.until(() => workspace.views.at(-1));
  await ada.submit(form, { name: "noir", before: "film noir of" });
  await whisper("Saved: noir");
  await ada.slash("/imagine", "an owl --style noir");
  const styled = await workspace.until(() => drawn()[1]);
  expect(JSON.stringify(styled.blocks)).toContain("style noir");
  expectStyled("film noir of an owl");
  await ada.shortcut("imagine");
  const imagine = await workspace.until(() =>
    workspace.views.find(({ view }) => JSON.stringify(view).includes("noir")),
  );
  await ada.submit(imagine, { prompt: "a crow", style: "noir", ".where": "C1" });
  await workspace.until(() => drawn()[2]);
  expectStyled("film noir of a crow");
  await ada.slash("/imagine-style", "remove noir");
  await whisper("Removed: noir");
});

test("in the playground", async () => {
  const run = async (command: string, answers: Readonly<Record<string, string>>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(answers)) form.append(name, value);
    const headers = { "idempotency-key": crypto.randomUUID(), origin: bot.url };
    const response = await fetch(`${bot.url}/api/commands/${command}`, { method: "POST", body: form, headers });
    return (await response.json()) as ReplyJson;
  };
  const end = async (reply: ReplyJson) => {
    if (reply.kind !== "job") return expect.fail(JSON.stringify(reply));
    const events = await (await fetch(`${bot.url}/api/jobs/${reply.job.id}/events`)).text();
    return JSON.parse(
      events
        .match(/^data: (\{.*\})$/gm)
        ?.at(-1)
        ?.slice("data: ".length) ?? "",
    ) as JobJson;
  };
  const result = await end(await run("imagine", { prompt: "a fox", quality: "low", size: "2048x1152" }));
  expect(result.images[0]?.buttons.map(({ label }) => label)).toContain("Save as style");
  const saved = await run("style-save", { job: `${result.id}:0`, name: "noir", before: "film noir of" });
  expect(saved).toMatchObject({ kind: "card", card: { title: "Saved: noir" } });
  const forms = (await (await fetch(`${bot.url}/api/commands`)).json()) as { name: string; fields: object[] }[];
  const imagine = forms.find(({ name }) => name === "imagine");
  expect(imagine?.fields).toContainEqual(
    expect.objectContaining({ name: "style", choices: [{ value: "noir", label: "noir" }] }),
  );
  const styled = await end(await run("imagine", { prompt: "an owl --style noir" }));
  expect(styled.facts).toContain("style noir");
  expectStyled("film noir of an owl");
});
