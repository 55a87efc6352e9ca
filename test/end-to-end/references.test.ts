import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface: an image is saved under a name, and drawn from. */
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

const photo = readFileSync("test/fixtures/images/one-frame.png");
const delivered = () => bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");

function expectFrom(prompt: string, files = 1): void {
  const call = service.requests.at(-1);
  expect(call?.path).toBe("/api/v1/images/edits");
  expect(String(call?.fields.prompt).replaceAll("\r\n", "\n")).toBe(prompt); // forms end every line so
  expect(call?.files).toHaveLength(files);
}

test.each([
  ["en-US", "Save image as…", "Saved: \\@fox", "Starts from \\@fox (yours)."],
  ["zh-CN", "图片存为…", "已保存：\\@fox", "以 \\@fox（您的）为起点。"],
])("on Discord, in %s", async (locale, button, saved, named) => {
  const ann = discord.user(`Ann ${locale}`);
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  const before = results().length;
  discord.command(ann, "imagine", { prompt: "a fox" }, { locale });
  const result = await discord.until(() => results()[before], "a result");
  await delivered();
  const pressed = discord.press(ann, result, button, { locale });
  await discord.until(() => pressed.modal, "the form");
  const sent = discord.submitModal(ann, pressed, { name: "@fox" });
  await discord.until(() => sent.reply?.content?.includes(saved), saved);
  const upload = discord.say(discord.user("Zoe"), "my den", { files: [{ name: "den.png", bytes: photo }] });
  const chosen = discord.choose(ann, upload, "Save image as…", { locale });
  await discord.until(() => chosen.modal, "the form");
  const second = discord.submitModal(ann, chosen, { name: "den" });
  await discord.until(() => second.reply?.content?.includes("@den"), "@den");
  const drawn = discord.command(ann, "imagine", { prompt: "@fox at night" }, { locale });
  await discord.until(() => drawn.reply?.content?.includes(named), named);
  await discord.until(() => results()[before + 2], "an image of both");
  expectFrom("@fox at night");
  discord.command(ann, "imagine", { prompt: "@fox in its @DEN" }, { locale });
  await discord.until(() => results()[before + 3], "an image of both");
  expectFrom("@fox in its @DEN\n\nImage 1: @fox\nImage 2: @den", 2);
});

test("on Discord, names of others and words that are none are named, before anything is spent", async () => {
  const ben = discord.user("Ben");
  const unknown = discord.command(ben, "reference show", { name: "fox" });
  const none = "There is no saved image \\@fox, and you have none here yet.";
  await discord.until(() => unknown.reply?.content?.includes(none), none);
  const image = { name: "cat.png", bytes: photo };
  const saved = discord.command(ben, "reference save", { name: "cat", image });
  await discord.until(() => saved.reply?.content?.includes("Saved: \\@cat"), "saved");
  const { length } = service.requests;
  const near = discord.command(ben, "imagine", { prompt: "@cta at night" });
  await discord.until(() => near.reply?.content?.includes("Did you mean \\@cat?"), "the name that was meant");
  const asked = discord.command(ben, "imagine", { prompt: "@fox at night" });
  await discord.until(() => asked.reply?.content?.includes("\\@fox is no saved image"), "the question");
  expect(service.requests).toHaveLength(length);
  const shown = discord.command(ben, "reference show", { name: "CAT" });
  await discord.until(() => shown.reply?.attachments.length === 1, "the image");
  const removed = discord.command(ben, "reference remove", { name: "@cat" });
  await discord.until(() => removed.reply?.content?.includes("Removed: \\@cat"), "removed");
});

test("on Discord, a member who is called like a saved image is no such image", async () => {
  const [cid, fox] = [discord.user("Cid"), discord.user("fox")];
  const saved = discord.command(cid, "reference save", { name: "fox", image: { name: "a.png", bytes: photo } });
  await discord.until(() => saved.reply?.content?.includes("Saved: \\@fox"), "saved");
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0).length;
  const before = results();
  discord.say(cid, `${discord.mention} a portrait of <@${fox.id}>`);
  await discord.until(() => results() > before, "a portrait");
  expect(service.requests.at(-1)).toMatchObject({
    path: "/api/v1/images/generations",
    fields: { prompt: "a portrait of @fox" },
  });
});

test("on Slack", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const drawn = () => workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks).includes("slack_file"));
  const whisper = (words: string) =>
    workspace.until(() => workspace.whispers.find(({ blocks }) => JSON.stringify(blocks).includes(words)));
  await ada.slash("/imagine", "a fox");
  const result = await workspace.until(() => drawn()[0]);
  await delivered();
  await ada.press(result, "Save image as…");
  const form = await workspace.until(() => workspace.views.at(-1));
  await ada.submit(form, { name: "fox" });
  await whisper("Saved: @fox");
  await ada.shortcutOn("save", result);
  const again = await workspace.until(() => workspace.views[1]);
  expect(JSON.stringify(again.view)).toContain("Save image as…");
  await ada.submit(again, { name: "vixen" });
  await whisper("Saved: @vixen");
  await ada.slash("/imagine", "@fox and @vixen --size 2048x1152");
  await workspace.until(() => drawn()[1]);
  expectFrom("@fox and @vixen\n\nImage 1: @fox\nImage 2: @vixen", 2);
  await ada.slash("/imagine-reference", "show @fox");
  const direct = await workspace.until(() =>
    workspace.messages.find(({ blocks }) => JSON.stringify(blocks).includes("The saved image @fox")),
  );
  expect(JSON.stringify(direct.blocks)).toContain("slack_file");
  expect(direct.channel).not.toBe("C1");
  await ada.slash("/imagine-reference", "remove vixen");
  await whisper("Removed: @vixen");
  await ada.slash("/imagine-reference", "list");
  await whisper("Saved images");
});

test("in the playground", async () => {
  const { run, draw } = page;
  const result = await draw({ prompt: "a fox" });
  expect(result.images[0]?.buttons.map(({ label }) => label)).toContain("Save image as…");
  const saved = await run("reference-save", { job: `${result.id}:0`, name: "fox" });
  expect(saved).toMatchObject({ kind: "card", card: { title: "Saved: @fox" } });
  const forms = (await (await fetch(`${bot.url}/api/commands`)).json()) as { name: string; fields: object[] }[];
  expect(forms.find(({ name }) => name === "reference-show")?.fields).toContainEqual(
    expect.objectContaining({ name: "name", choices: [{ value: "fox", label: "@fox" }] }),
  );
  const headers = { "content-type": "application/json", origin: bot.url };
  const body = JSON.stringify({ prompt: "@fox at night" });
  const quote = await (await fetch(`${bot.url}/api/quote`, { method: "POST", headers, body })).json();
  expect(quote).toMatchObject({ card: { paragraphs: expect.arrayContaining(["Starts from @fox (yours)."]) } });
  const drawn = await draw({ prompt: "@fox at night" });
  expect(drawn).toMatchObject({ references: 1, notes: ["Starts from @fox (yours)."] });
  expectFrom("@fox at night");
  const shown = await run("reference-show", { name: "fox" });
  if (shown.kind !== "picture") return expect.fail(JSON.stringify(shown));
  expect(shown).toMatchObject({ card: { title: "@fox" }, alt: "The saved image @fox" });
  const file = await fetch(bot.url + shown.url);
  expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/png"]);
  expect((await fetch(`${bot.url}/saved/${"0".repeat(64)}`)).status).toBe(404);
  expect(await run("reference-list", {})).toMatchObject({ card: { rows: [{ label: "@fox" }] } });
});
