import { afterAll, beforeAll, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface: a style is saved from a result, and drawn in. */
let service: FakeTokenHub;
let discord: EverySurface["discord"];
let slack: EverySurface["slack"];
let bot: EverySurface["bot"];
let page: EverySurface["page"];
let close: EverySurface["close"];

beforeAll(async () => {
  service = await startFakeTokenHub();
  const settings = { TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl };
  ({ discord, slack, bot, page, close } = await openEverySurface([service], settings));
});
afterAll(() => close());

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
  const { run, draw } = page;
  const result = await draw({ prompt: "a fox", quality: "low", size: "2048x1152" });
  expect(result.images[0]?.buttons.map(({ label }) => label)).toContain("Save as style");
  const saved = await run("style-save", { job: `${result.id}:0`, name: "noir", before: "film noir of" });
  expect(saved).toMatchObject({ kind: "card", card: { title: "Saved: noir" } });
  const forms = (await (await fetch(`${bot.url}/api/commands`)).json()) as { name: string; fields: object[] }[];
  const imagine = forms.find(({ name }) => name === "imagine");
  expect(imagine?.fields).toContainEqual(
    expect.objectContaining({ name: "style", choices: [{ value: "noir", label: "noir" }] }),
  );
  const styled = await draw({ prompt: "an owl --style noir" });
  expect(styled.facts).toContain("style noir");
  expectStyled("film noir of an owl");
});
