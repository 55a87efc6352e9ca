import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface, before a service that cannot make transparent backgrounds and, behind it, one that can. */
let able: FakeApimodels;
let unable: FakeTokenHub;
let discord: EverySurface["discord"];
let slack: EverySurface["slack"];
let bot: EverySurface["bot"];
let page: EverySurface["page"];
let close: EverySurface["close"];
let sticker: Buffer;

beforeAll(async () => {
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const fox = await sharp({ create: { width: 512, height: 512, channels: 4, background: "#e60" } })
    .png()
    .toBuffer();
  sticker = await sharp({ create: { width: 1024, height: 1024, channels: 4, background: clear } })
    .composite([{ input: fox }])
    .png()
    .toBuffer();
  [able, unable] = await Promise.all([startFakeApimodels({ image: sticker }), startFakeTokenHub()]);
  const settings = {
    ...{ TOKENHUB_API_KEY: unable.apiKey, TOKENHUB_BASE_URL: unable.baseUrl },
    ...{ APIMODELS_API_KEY: able.apiKey, APIMODELS_BASE_URL: able.baseUrl },
    ...{ PROVIDERS: "tokenhub,apimodels", TRUSTED_ORIGINS: able.fileOrigin },
  };
  ({ discord, slack, bot, page, close } = await openEverySurface([able, unable], settings));
});
afterAll(() => close());

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
    const done = await page.draw(asked);
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
