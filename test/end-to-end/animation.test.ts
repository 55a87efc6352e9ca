import { afterAll, beforeAll, expect, test } from "vitest";
import { animation } from "../images/samples.ts";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface, before a service whose model makes an animation. */
let service: FakeApimodels;
let discord: EverySurface["discord"];
let slack: EverySurface["slack"];
let bot: EverySurface["bot"];
let page: EverySurface["page"];
let close: EverySurface["close"];
const gif = await animation().gif().toBuffer();

beforeAll(async () => {
  service = await startFakeApimodels({ image: gif });
  const settings = { APIMODELS_API_KEY: service.apiKey, APIMODELS_BASE_URL: service.baseUrl };
  const trusted = { TRUSTED_ORIGINS: service.fileOrigin };
  ({ discord, slack, bot, page, close } = await openEverySurface([service], { ...settings, ...trusted }));
});
afterAll(() => close());

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
  const { images } = await page.draw({ prompt: "a fox that runs" });
  const [image] = images;
  for (const address of [image?.url, image?.preview]) {
    const file = await fetch(`${bot.url}${address}`);
    expect(file.headers.get("Content-Type")).toBe("image/gif");
    expect(Buffer.from(await file.arrayBuffer()).equals(gif)).toBe(true);
  }
});
