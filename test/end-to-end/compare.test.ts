import { afterAll, beforeAll, expect, test } from "vitest";
import { type EverySurface, openEverySurface } from "../support/every-surface.ts";
import { startFakeOpenAi } from "../support/services/openai.ts";
import { startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";

/** The real program on every surface, with two services: both draw the same prompt, side by side. */
let services: [Awaited<ReturnType<typeof startFakeTokenHub>>, Awaited<ReturnType<typeof startFakeOpenAi>>];
let surface: EverySurface;

beforeAll(async () => {
  services = await Promise.all([startFakeTokenHub(), startFakeOpenAi()]);
  const [tokenHub, openAi] = services;
  surface = await openEverySurface(services, {
    ...{ TOKENHUB_API_KEY: tokenHub.apiKey, TOKENHUB_BASE_URL: tokenHub.baseUrl },
    ...{ OPENAI_API_KEY: openAi.apiKey, OPENAI_BASE_URL: openAi.baseUrl },
  });
});
afterAll(() => surface.close());

const drawn = () => services.map(({ requests }) => requests.length);
const more = (before: readonly number[]) => drawn().map((count, at) => count - (before[at] ?? 0));
/** The price of each, and of both. */
const priced = /TokenHub.*credits.*OpenAI.*credits/s;

test("on Discord, where it is offered once somebody types it", async () => {
  const { discord } = surface;
  const ann = discord.user("Ann");
  const typing = discord.type(ann, "imagine", "provider", "comp", { others: { prompt: "a kite" } });
  await discord.until(() => typing.choices?.some(({ value }) => value === "compare"), "the comparison");
  const before = drawn();
  const asked = discord.command(ann, "imagine", { prompt: "a kite", provider: "compare", size: "1024x1024" });
  await discord.until(() => asked.reply?.content.includes("in all"), "the question");
  expect(asked.reply?.content).toMatch(priced);
  const [, yes = ""] = JSON.stringify(asked.reply?.components).match(/"label":"(Yes, for at most \d+ credits)"/) ?? [];
  discord.press(ann, asked.reply as never, yes);
  const both = () => discord.messages(discord.general).find(({ attachments }) => attachments.length === 2);
  const message = await discord.until(both, "both images in one message");
  await discord.until(() => priced.test(message.content), "service and price of each");
  expect(more(before)).toEqual([1, 1]);
});

test("on Slack", async () => {
  const { slack } = surface.slack;
  const ada = member(slack, surface.slack.line, surface.slack.origin);
  const before = drawn();
  await ada.slash("/imagine", "a kite --provider compare --size 1024x1024");
  const question = await slack.until(() =>
    slack.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("in all")),
  );
  const text = JSON.stringify(question.blocks);
  expect(text).toMatch(priced);
  await ada.press(question, text.match(/Yes, for at most \d+ credits/)?.[0] ?? "");
  const shown = () => slack.messagesIn("C1").map(({ blocks }) => JSON.stringify(blocks));
  await slack.until(() => shown().find((blocks) => blocks.match(/slack_file/g)?.length === 2 && priced.test(blocks)));
  expect(more(before)).toEqual([1, 1]);
});

test("in the playground", async () => {
  const { run } = surface.page;
  const before = drawn();
  const question = await run("imagine", { prompt: "a kite", provider: "compare", size: "1024x1024" });
  if (question.kind !== "card") throw new Error(JSON.stringify(question));
  expect(question.card.rows?.map(({ label }) => label)).toEqual(["1. TokenHub", "2. OpenAI"]);
  const yes = question.card.buttons?.[0];
  const batch = await run(yes?.command ?? "", { job: yes?.job ?? "" });
  expect(JSON.stringify(batch)).toMatch(/TokenHub.*OpenAI/);
  await expect.poll(() => more(before)).toEqual([1, 1]);
});
