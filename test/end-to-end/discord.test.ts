import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, type FakeInteraction, type FakeUser, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";

/** The real program as a process, between a Discord and a TokenHub that speak the real protocols. */
let discord: FakeDiscord;
let service: FakeTokenHub;
let folder: string;
let bot: AtelierProcess;
let ann: FakeUser;
let image: Buffer;

const environment = () => ({
  DATA_DIR: folder,
  DISCORD_TOKEN: discord.token,
  DISCORD_API_URL: discord.url,
  TOKENHUB_API_KEY: service.apiKey,
  TOKENHUB_BASE_URL: service.baseUrl,
});

beforeAll(async () => {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  image = await sharp({ create: { width: 2048, height: 1152, channels: 3, background: "#000", noise } })
    .png({ compressionLevel: 1 })
    .toBuffer();
});
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  discord = await startFakeDiscord();
  service = await startFakeTokenHub({ image });
  bot = await startAtelier(environment());
  ann = discord.user("Ann");
});
afterEach(async () => {
  await bot.kill();
  await service.close();
  await discord.stop();
  rmSync(folder, { recursive: true });
});

const bicycle = { prompt: "a red bicycle", size: "2048x1152", quality: "high", count: 2 };
const imagine = (user = ann, values: Parameters<FakeDiscord["command"]>[2] = bicycle) =>
  discord.command(user, "imagine", values);
const posted = (count: number) =>
  discord.until(
    () => discord.messages(discord.general).length >= count && discord.messages(discord.general),
    "a result in the channel",
  );
const says = (interaction: FakeInteraction, words: string) =>
  discord
    .until(
      () => shown(interaction).includes(words) && shown(interaction),
      `a private reply with “${words}” in place of what stands in the last line`,
    )
    .catch((error) => {
      throw new Error(`${error.message}\n${shown(interaction)}`);
    });
const shown = (interaction: FakeInteraction) => interaction.reply?.content ?? "";
const credits = async (user = ann) => says(discord.command(user, "credits"), "available");

test("makes one paid call of exactly the documented fields, posts the bytes it got, and charges what it quoted", async () => {
  const asked = imagine();
  const [message] = await posted(1);
  await says(asked, "Done");

  expect(service.requests).toHaveLength(1);
  expect(service.requests[0]).toMatchObject({
    path: "/api/v1/images/generations",
    authorization: `Bearer ${service.apiKey}`,
  });
  expect(service.requests[0]?.fields).toEqual({
    model: "openai/gpt-image-2",
    prompt: "a red bicycle",
    n: 2,
    size: "2048x1152",
    quality: "high",
    format: "png",
  });
  expect(service.charged).toBe(500);
  expect(message?.attachments).toHaveLength(2);
  expect(message?.attachments.every(({ bytes }) => bytes.equals(image))).toBe(true);
  expect(message?.content).toContain("500 credits");
  expect(await credits()).toContain("500 credits available");
  expect(asked.ackMs).toBeLessThan(3000); // Discord's own rule; the fake counts a later one as a violation
  expect([...discord.violations, ...service.violations]).toEqual([]);
});

test("shows price and position privately before anything is made, with a button that cancels for nothing", async () => {
  service.answerNext({ kind: "hang" });
  imagine(ann, { prompt: "first" });
  await service.arrived(1);
  const waiting = imagine(ann, { prompt: "second", size: "3840x2160" });
  expect(await says(waiting, "Waiting")).toContain("500 credits");
  expect(waiting.reply?.ephemeral).toBe(true);
  discord.press(ann, waiting.reply as never, "Cancel");
  await says(waiting, "Cancelled");
  service.release();
  await posted(1);
  expect(await credits()).toContain("875 credits available");
  expect(service.requests).toHaveLength(1);
  expect(discord.violations).toEqual([]);
});

test("runs two quick commands of one member one after the other, and those of two members side by side", async () => {
  service.answerNext({ kind: "hang" }, { kind: "hang" }, { kind: "hang" });
  const ben = discord.user("Ben");
  const mine = [imagine(ann, { prompt: "Ann's first" }), imagine(ann, { prompt: "Ann's second" })];
  await service.arrived(1);
  imagine(ben, { prompt: "Ben's first" });
  await service.arrived(2);
  await Promise.all(mine.map((asked) => says(asked, "credits")));
  const prompts = () => service.requests.map(({ fields }) => fields.prompt);
  expect(prompts().sort()).toEqual(["Ann's first", "Ben's first"]);
  service.release();
  await service.arrived(3);
  expect(prompts()).toContain("Ann's second");
  service.release();
  await posted(3);
});

test("edits a result by its button: the form, the reference, the image", async () => {
  imagine(ann, { prompt: "a red bicycle", size: "2048x1152" });
  const [result] = await posted(1);
  const pressed = discord.press(ann, result as never, "Edit");
  await discord.until(() => pressed.modal, "the form");
  discord.submitModal(ann, pressed, { prompt: "make it blue" });
  await posted(2);
  expect(service.requests[1]).toMatchObject({ path: "/api/v1/images/edits", fields: { prompt: "make it blue" } });
  expect(service.requests[1]?.files).toHaveLength(1);
  expect([...discord.violations, ...service.violations]).toEqual([]);
});

test("takes a member's photograph as a reference, and refuses a text file before anything is held", async () => {
  const photo = await sharp(image).resize(640, 360).jpeg().toBuffer();
  imagine(ann, { prompt: "in oil", image: { name: "photo.jpg", bytes: photo } });
  await posted(1);
  expect(service.requests[0]?.path).toBe("/api/v1/images/edits");
  const refused = imagine(ann, { prompt: "in oil", image: { name: "photo.png", bytes: Buffer.from("hello") } });
  await says(refused, "photo.png is not an image that can be read here");
  expect(await credits()).toContain("875 credits available");
  expect(discord.violations).toEqual([]);
});

describe("a failing service", () => {
  test.each([
    ["its own failure", { kind: "error", status: 500 }, "tried and failed"],
    [
      "a refusal by its safety system",
      { kind: "error", status: 400, body: { error: { code: "moderation_blocked", message: "no" } } },
      "safety system",
    ],
    [
      "no money left",
      { kind: "error", status: 402, body: { error: { code: "insufficient_credits", message: "no" } } },
      "operator",
    ],
    ["a gateway's page", { kind: "html", status: 502 }, "cannot tell whether it ran"],
    ["a cut connection", { kind: "mid-body" }, "cannot tell whether it ran"],
    ["an empty answer", { kind: "empty" }, "could not be read"],
  ] as const)("costs nothing, says why, and is not asked again: %s", async (_what, answer, words) => {
    service.answerNext(answer);
    const asked = imagine();
    expect(await says(asked, words)).toContain("not charged");
    expect(await credits()).toContain("1,000 credits available");
    expect(service.requests).toHaveLength(1);
    expect(discord.violations).toEqual([]);
  });
});

describe("kill -9 and a new start", () => {
  test("while a job is queued: it runs once", async () => {
    service.answerNext({ kind: "hang" });
    imagine(ann, { prompt: "first" });
    await service.arrived(1);
    const second = imagine(ann, { prompt: "second" });
    await says(second, "Waiting");
    await bot.kill();
    bot = await startAtelier(environment());
    await posted(1);
    await says(second, "Done");
    expect(service.requests.map(({ fields }) => fields.prompt)).toEqual(["first", "second"]);
  });

  test("while the call is under way: no second call, the member is told and not charged", async () => {
    service.answerNext({ kind: "hang" });
    const asked = imagine();
    await service.arrived(1);
    await bot.kill();
    bot = await startAtelier(environment());
    expect(await says(asked, "cannot tell whether it ran")).toContain("not charged");
    expect(await credits()).toContain("1,000 credits available");
    expect(service.requests).toHaveLength(1);
    expect(discord.messages(discord.general)).toEqual([]);
  });
});

test("keeps its token and the service's key out of its log and its messages", async () => {
  service.answerNext({ kind: "error", status: 401, body: { error: { message: `wrong key ${service.apiKey}` } } });
  await says(imagine(), "operator");
  imagine();
  await posted(1);
  const everything = JSON.stringify([bot.lines, discord.state.messages.map(({ content }) => content)]);
  for (const secret of [discord.token, service.apiKey, "aW50ZXJhY3Rpb246"]) expect(everything).not.toContain(secret);
});

test("checks the connections of a configuration without starting", async () => {
  await bot.stop();
  const good = await runAtelier(["--check"], environment());
  expect(good).toMatchObject({ code: 0 });
  expect(good.stdout).toMatch(/ok\s+discord/);
  const bad = await runAtelier(["--check"], { ...environment(), DISCORD_TOKEN: "wrong-token-canary" });
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/failed\s+discord/);
  expect(bad.stdout + bad.stderr).not.toContain("wrong-token-canary");
});
