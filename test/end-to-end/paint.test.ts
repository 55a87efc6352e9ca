import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { freePort } from "../support/free-port.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { memberFile } from "../support/slack/files.ts";
import { member } from "../support/slack/member.ts";
import { follow, linksIn, type Visitor } from "../support/visitor.ts";

/** The real program, without a playground: an image is painted over by a link, and the result comes to its channel. */
let service: FakeTokenHub;
let discord: EverySurface["discord"];
let slack: EverySurface["slack"];
let bot: EverySurface["bot"];
let close: EverySurface["close"];
let ann: ReturnType<EverySurface["discord"]["user"]>;

const size = { width: 1024, height: 1024 };

beforeAll(async () => {
  const image = await sharp({ create: { ...size, channels: 3, background: "#c33" } })
    .png()
    .toBuffer();
  service = await startFakeTokenHub({ image });
  const port = await freePort();
  const address = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, PLAYGROUND: "off" };
  const settings = { TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl, ...address };
  ({ discord, slack, bot, close } = await openEverySurface([service], settings));
  ann = discord.user("Ann");
});
afterAll(() => close());

/** A mask whose transparency is different in every column. */
async function mask(): Promise<{ file: File; alpha: Buffer }> {
  const alpha = Buffer.from(Array.from({ length: size.width * size.height }, (_, at) => at % 256));
  const pixels = sharp({ create: { ...size, channels: 3, background: "black" } });
  const bytes = await pixels
    .joinChannel(alpha, { raw: { ...size, channels: 1 } })
    .png()
    .toBuffer();
  return { file: new File([new Uint8Array(bytes)], "mask.png", { type: "image/png" }), alpha };
}

async function paint(visitor: Visitor, prompt: string): Promise<void> {
  const { file, alpha } = await mask();
  const form = new FormData();
  form.set("prompt", prompt);
  form.set("mask", file);
  const before = service.requests.length;
  const answer = await visitor.post("api/paint", form);
  expect(answer.status, await answer.clone().text()).toBe(200);
  await service.arrived(before + 1);
  const call = service.requests.at(-1);
  expect(call).toMatchObject({ path: "/api/v1/images/edits", fields: { prompt } });
  const sent = call?.files.find(({ field }) => field === "mask")?.data;
  expect((await sharp(sent).extractChannel("alpha").raw().toBuffer()).equals(alpha)).toBe(true);
}

async function expectUsedUp(link: string): Promise<void> {
  for (const method of ["GET", "POST"]) {
    const answer = await fetch(link, { method, headers: { Origin: new URL(link).origin } });
    expect(answer.status).toBe(410);
  }
}

test("on Discord: Paint gives a link to its member alone, and what was painted comes to the channel of the image", async () => {
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  discord.command(ann, "imagine", { prompt: "a fox" });
  const image = await discord.until(() => results()[0], "an image");
  const pressed = discord.press(ann, image, "Paint");
  const [link = ""] = await discord.until(
    () => linksIn(pressed.reply?.components).length === 1 && linksIn(pressed.reply?.components),
    "a link",
  );
  expect(pressed.reply?.ephemeral).toBe(true);
  expect(JSON.stringify(discord.messages(discord.general).map(({ components }) => components))).not.toContain(
    "/visit/",
  );
  const preview = await fetch(link, { headers: { "User-Agent": "Discordbot/2.0" } });
  expect(await preview.text()).toContain("Continue as Ann");
  await paint(await follow(link), "a blue fox");
  const painted = await discord.until(() => results()[1], "the result");
  expect(painted.content).toContain("a blue fox");
  await expectUsedUp(link);
});

test("on Slack: the same, in the thread where it was pressed", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const drawn = () => workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks).includes("slack_file"));
  await ada.slash("/imagine", "an owl");
  const image = await workspace.until(() => drawn()[0]);
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  await ada.press(image, "Paint");
  const whisper = await workspace.until(() => workspace.whispers.find((each) => linksIn(each).length > 0));
  const [link = ""] = linksIn(whisper);
  expect(JSON.stringify(workspace.messages)).not.toContain("/visit/");
  await paint(await follow(link), "a white owl");
  const painted = await workspace.until(() => drawn()[1]);
  expect(JSON.stringify(painted.blocks)).toContain("a white owl");
  await expectUsedUp(link);
});

/** A photograph that a member sent, and the pixels that the service has got of it. */
async function expectPhotoPainted(link: string, prompt: string): Promise<void> {
  const visitor = await follow(link);
  const shown = await visitor.get("image");
  expect(await sharp(Buffer.from(await shown.arrayBuffer())).metadata()).toMatchObject({ width: 300, height: 200 });
  const form = new FormData();
  form.set("prompt", prompt);
  const before = service.requests.length;
  expect((await visitor.post("api/paint", form)).status).toBe(200);
  await service.arrived(before + 1);
  const [image, ...others] = service.requests.at(-1)?.files ?? [];
  expect(others).toEqual([]);
  expect(await sharp(image?.data).metadata()).toMatchObject({ width: 300, height: 200 });
  await expectUsedUp(link);
}

const photo = () =>
  sharp({ create: { width: 300, height: 200, channels: 3, background: "#46b" } })
    .png()
    .toBuffer();

/** The images of a gallery, by what they were made of. */
async function promptsIn(visitor: Visitor): Promise<string[]> {
  const { images } = (await (await visitor.get("api/images")).json()) as { images: readonly Listed[] };
  return images.map(({ prompt }) => prompt);
}

interface Listed {
  readonly job: string;
  readonly prompt: string;
}

async function removeFirst(visitor: Visitor): Promise<void> {
  const { images } = (await (await visitor.get("api/images")).json()) as { images: readonly Listed[] };
  expect((await visitor.post("api/remove", JSON.stringify({ job: images[0]?.job }))).status).toBe(200);
}

test("on Discord: the history leads to a gallery of one's own, where Delete takes the message away, too", async () => {
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  const history = discord.command(ann, "history");
  await discord.until(() => JSON.stringify(history.reply?.components ?? []).includes("gallery"), "a button");
  const pressed = discord.press(ann, history.reply as never, "Gallery");
  const link = await discord.until(() => linksIn(pressed.reply?.components)[0], "a link");
  const visitor = await follow(link);
  expect(await promptsIn(visitor)).toEqual(["a blue fox", "a fox"]);
  const before = results().length;
  await removeFirst(visitor);
  await discord.until(() => results().length === before - 1, "the message is gone");
  expect(await promptsIn(visitor)).toEqual(["a fox"]);
  await expectUsedUp(link);
});

test("on Slack: the same", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const drawn = () => workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks).includes("slack_file"));
  const links = () => workspace.whispers.flatMap((each) => linksIn(each));
  const known = new Set(links());
  await ada.slash("/imagine-history", "");
  const history = await workspace.until(() =>
    workspace.whispers.find((each) => JSON.stringify(each).includes("Gallery")),
  );
  await ada.press(history, "Gallery");
  const link = await workspace.until(() => links().find((each) => !known.has(each)));
  const visitor = await follow(link);
  expect(await promptsIn(visitor)).toEqual(["a white owl", "an owl"]);
  const before = drawn().length;
  await removeFirst(visitor);
  await workspace.until(() => drawn().length === before - 1 || undefined);
  expect(await promptsIn(visitor)).toEqual(["an owl"]);
});

test("on Discord: the menu of a message paints over the image of somebody else", async () => {
  const results = () =>
    discord
      .messages(discord.general)
      .filter(({ author, attachments }) => author === discord.state.botId && attachments.length > 0);
  const before = results().length;
  const upload = discord.say(discord.user("Zoe"), "my den", { files: [{ name: "den.png", bytes: await photo() }] });
  const chosen = discord.choose(ann, upload, "Paint over image", { locale: "en-US" });
  await expectPhotoPainted(await discord.until(() => linksIn(chosen.reply?.components)[0], "a link"), "a den in oil");
  await discord.until(() => results().length > before, "the result");
});

test("on Slack: so does the shortcut on a message", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const links = () => workspace.whispers.flatMap((each) => linksIn(each));
  const known = new Set(links());
  workspace.uploads.set("den.png", await photo());
  await ada.shortcutOn("paint", { channel: "C1", ts: "5.5", files: [memberFile(slack.origin, "den.png")] });
  const link = await workspace.until(() => links().find((each) => !known.has(each)));
  await expectPhotoPainted(link, "a den in chalk");
  await workspace.until(
    () =>
      JSON.stringify(workspace.messagesIn("C1").map(({ blocks }) => blocks)).includes("a den in chalk") || undefined,
  );
});

test("the pages are there without playground and dashboard, and lead to neither", async () => {
  for (const path of ["/", "/api/me", "/assets/app.js", "/dashboard"]) {
    expect((await fetch(bot.url + path)).status, path).toBe(404);
  }
  expect((await fetch(`${bot.url}/visit/assets/base.css`)).status).toBe(200);
});
