import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface: a draft is finished, once its price was told. */
let service: FakeTokenHub;
let discord: EverySurface["discord"];
let slack: EverySurface["slack"];
let bot: EverySurface["bot"];
let page: EverySurface["page"];
let close: EverySurface["close"];

beforeAll(async () => {
  const image = await sharp({ create: { width: 1024, height: 1024, channels: 3, background: "#c33" } })
    .png()
    .toBuffer();
  service = await startFakeTokenHub({ image });
  const settings = { TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl };
  ({ discord, slack, bot, page, close } = await openEverySurface([service], settings));
});
afterAll(() => close());

/** The call over a draft: the same prompt at a higher quality, one size larger. */
function expectFinal(call: FakeTokenHub["requests"][number] | undefined, prompt: string): void {
  expect(call).toMatchObject({
    path: "/api/v1/images/edits",
    fields: { prompt, quality: "high", size: "2048x2048" },
  });
  expect(call?.files).toHaveLength(1);
}

test.each([
  ["en-US", "Final", "This costs at most 250 credits", "Yes, for at most 250 credits"],
  ["zh-CN", "定稿", "250 点", "好，最多 250 点"],
])("on Discord, in %s", async (locale, final, price, yes) => {
  const prompt = `a fox for Discord in ${locale}`;
  const results = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  const [before, calls] = [results().length, service.requests.length];
  const ann = discord.user("Ann");
  discord.command(ann, "imagine", { prompt, quality: "low" }, { locale });
  const draft = await discord.until(() => results()[before], "the draft");
  const question = discord.press(ann, draft, final, { locale });
  await discord.until(() => question.reply?.content?.includes(price), price);
  expect(service.requests).toHaveLength(calls + 1);
  discord.press(ann, question.reply as never, yes, { locale });
  const finished = await discord.until(() => results()[before + 1], "the final image");
  expect(finished.content).toContain("high");
  expectFinal(service.requests.at(-1), prompt);
});

test("on Slack", async () => {
  const { slack: workspace } = slack;
  const ada = member(workspace, slack.line, slack.origin);
  const drawn = () => workspace.messagesIn("C1").filter(({ blocks }) => JSON.stringify(blocks).includes("slack_file"));
  await ada.slash("/imagine", "a fox for Slack --quality low");
  const draft = await workspace.until(() => drawn()[0]);
  await bot.line(({ msg, state }) => msg === "delivered" && state === "delivered");
  await ada.press(draft, "Final");
  const question = await workspace.until(() =>
    workspace.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("This costs at most 250 credits")),
  );
  await ada.press(question, "Yes, for at most 250 credits");
  await workspace.until(() => drawn()[1]);
  expectFinal(service.requests.at(-1), "a fox for Slack");
});

test("in the playground", async () => {
  const { run, end, draw } = page;
  const draft = await draw({ prompt: "a fox for the page", quality: "low" });
  const [button] = draft.images[0]?.buttons ?? [];
  expect(button).toMatchObject({ command: "final", label: "Final" });
  const asked = await run("final", { job: `${draft.id}:0` });
  if (asked.kind !== "card") return expect.fail(asked.kind);
  expect(asked.card.title).toBe("This costs at most 250 credits");
  const finished = await end(await run("accept", { job: asked.card.buttons?.[0]?.job ?? "" }));
  expect(finished).toMatchObject({ state: "delivered", parent: draft.id });
  expect(finished.images[0]?.buttons.map(({ command }) => command)).not.toContain("final");
  expectFinal(service.requests.at(-1), "a fox for the page");
});
