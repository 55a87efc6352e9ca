import { afterEach, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../../src/errors.ts";
import { attemptsOf } from "../../../../src/jobs/attempts.ts";
import { answeredError } from "../../../../src/providers/http/service-error.ts";
import { createTakenOptions } from "../../../../src/providers/services/openai/options.ts";
import { createLastingNotes } from "../../../../src/store/lasting-notes.ts";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import { openAiAt } from "../../../support/services/openai-client.ts";
import { openRoom, type TestBot } from "../../../support/test-bot.ts";
import { run, testCall, testRequest, testTools } from "../../call.ts";

const week = 7 * 86_400_000;

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A bot before a relay that refuses fields by name. */
async function botBefore(refuses: readonly string[]): Promise<{ bot: TestBot; fake: Fake }> {
  const fake = await startFakeOpenAi({ refuses });
  const bot = await openRoom({
    providers: (tools) => {
      const provider = openAiAt(fake, {}, tools);
      open.push(provider);
      return [provider];
    },
    trustedOrigins: [new URL(fake.baseUrl).origin],
  });
  open.push(bot, fake);
  await bot.work();
  return { bot, fake };
}

type Fake = Awaited<ReturnType<typeof startFakeOpenAi>>;

const make = async (bot: TestBot) =>
  bot.end(await bot.usecases.imagine({ prompt: "a fox", size: "1024x1024", quality: "high" }, bot.caller()));

/** The calls that another process makes on the same database, so much later. */
function later({ database, world }: TestBot, fake: Fake, laterMs = 0, given: Record<string, string> = {}) {
  const tools = testTools();
  const now = () => world.now() + laterMs;
  const notes = createLastingNotes(database.db, now);
  const provider = openAiAt(fake, given, { ...tools, world: { ...tools.world, now }, notes });
  open.push(provider);
  return run(provider, testRequest({ quality: "high" }), testCall());
}

describe("a service that refuses an option by name", () => {
  it.each([
    [["partial_images"], ["user"]],
    [["stream"], ["user"]],
    [["user"], ["partial_images", "stream", "safety_identifier"]],
  ])("is asked once more without %o, and never with it again", async (refuses, after) => {
    const { bot, fake } = await botBefore(refuses);
    const job = await make(bot);
    expect(job).toMatchObject({ state: "delivered" });
    const optional = ["partial_images", "stream", "user", "safety_identifier"];
    expect(fake.requests.map(({ violation }) => violation === undefined)).toEqual([false, true]);
    expect(optional.filter((name) => name in (fake.requests[1]?.fields ?? {}))).toEqual(after);
    const attempts = await attemptsOf(bot.database.db, job.id);
    expect(attempts.map(({ outcome, status, cost }) => [outcome, status, cost])).toEqual([
      ["refused", 400, null],
      ["success", null, Math.ceil(fake.charged / 1000)],
    ]);
    expect(attempts[0]?.message).toContain("left out from now on");
    expect(job.charged).toBe(Math.ceil(fake.charged / 1000));
    expect((await make(bot)).state).toBe("delivered");
    expect(fake.requests).toHaveLength(3);
  });

  it("is asked without all that it refuses, one after the other, and then with no word of who asks", async () => {
    const { bot, fake } = await botBefore(["partial_images", "user", "safety_identifier"]);
    expect((await make(bot)).state).toBe("delivered");
    expect(fake.requests).toHaveLength(4);
    expect(fake.requests.at(-1)?.fields).not.toHaveProperty("user");
    expect(fake.requests.at(-1)?.fields).not.toHaveProperty("safety_identifier");
  });

  it("is never asked with it again after a restart, for a week", async () => {
    const { bot, fake } = await botBefore(["partial_images", "user"]);
    await make(bot);
    expect(fake.requests).toHaveLength(3);
    await later(bot, fake, week - 1);
    expect(fake.requests.at(-1)?.fields).toHaveProperty("safety_identifier");
    await expect(later(bot, fake, week + 1)).rejects.toMatchObject({ refusedFor: "option" });
  });

  it("is one endpoint with one model: another model is asked with all of it", async () => {
    const { bot, fake } = await botBefore(["partial_images"]);
    await make(bot);
    const other = later(bot, fake, 0, { OPENAI_MODEL: "gpt-image-2-2026-04-21" });
    await expect(other).rejects.toMatchObject({ refusedFor: "option" });
  });

  it("is remembered by its process while the database is away", async () => {
    const { fake } = await botBefore(["partial_images"]);
    const away = () => Promise.reject(new Error("connect ECONNREFUSED"));
    const provider = openAiAt(fake, {}, { ...testTools(), notes: { get: away, set: away, delete: away } });
    open.push(provider);
    const call = () => run(provider, testRequest({ quality: "high" }), testCall());
    await expect(call()).rejects.toMatchObject({ refusedFor: "option" });
    expect(await call()).toContainEqual({ type: "image", index: 0 });
  });

  it("fails the job, free of charge, when it refuses what cannot be left out", async () => {
    const { bot, fake } = await botBefore(["quality"]);
    expect((await make(bot)).state).toBe("failed");
    expect(fake.requests).toHaveLength(1);
    expect((await bot.balance()).held).toBe(0);
  });
});

describe("the words of a refusal", () => {
  const sent = { stream: true, partial_images: 1, user: "member-1" };
  const learnt = async (status: number, body: unknown) => {
    const options = createTakenOptions("a relay", testTools());
    const error = answeredError({ name: "openai", apiKey: "k" }, { status, headers: {}, body: body as never });
    const { refusedFor } = (await options.learn(error, sent)) as ProviderError;
    const { previews, identity } = await options.known();
    return [refusedFor, previews, identity];
  };

  it.each([
    ["a parameter", 400, { error: { message: "no", code: "x", param: "partial_images" } }],
    ["a name in quotation marks", 400, { error: { message: "Unsupported parameter: 'stream'", code: "x" } }],
    ["a name behind words", 400, { error: { message: "Unrecognized request argument supplied: stream" } }],
    ["a list of Python", 422, { detail: [{ loc: ["body", "partial_images"], msg: "Extra inputs are not permitted" }] }],
    ["Chinese words", 400, { error: { message: "不支持的参数：partial_images", code: "x" } }],
  ])("are read from %s", async (_what, status, body) => {
    expect(await learnt(status, body)).toEqual(["option", false, "user"]);
  });

  it.each([
    [
      "user errors of other kinds",
      400,
      { error: { message: "the user sent a bad size", code: "image_generation_user_error" } },
    ],
    ["another parameter", 400, { error: { message: "Unknown parameter 'size' in stream", code: "x", param: "size" } }],
    ["streams that broke", 400, { error: { message: "the stream was closed", code: "x" } }],
    ["a wrong key", 401, { error: { message: "Invalid 'user' token", code: "invalid_api_key" } }],
    ["a failure", 500, { error: { message: "'stream' failed", code: "server_error" } }],
  ])("are not taken from %s", async (_what, status, body) => {
    const [refusedFor, ...taken] = await learnt(status, body);
    expect(taken).toEqual([true, "user"]);
    expect(refusedFor).not.toBe("option");
  });
});
