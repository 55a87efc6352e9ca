import { afterEach, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../../src/errors.ts";
import { attemptsOf } from "../../../../src/jobs/attempts.ts";
import { answeredError } from "../../../../src/providers/http/service-error.ts";
import { createTakenOptions } from "../../../../src/providers/services/openai/options.ts";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import { openAiAt } from "../../../support/services/openai-client.ts";
import { openRoom, type TestBot } from "../../../support/test-bot.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A bot before a relay that refuses fields by name. */
async function botBefore(
  refuses: readonly string[],
): Promise<{ bot: TestBot; fake: Awaited<ReturnType<typeof startFakeOpenAi>> }> {
  const fake = await startFakeOpenAi({ refuses });
  const provider = openAiAt(fake);
  const bot = await openRoom({ providers: () => [provider], trustedOrigins: [new URL(fake.baseUrl).origin] });
  open.push(bot, fake, provider);
  await bot.work();
  return { bot, fake };
}

const make = async (bot: TestBot) =>
  bot.end(await bot.usecases.imagine({ prompt: "a fox", size: "1024x1024", quality: "high" }, bot.caller()));

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

  it("fails the job, free of charge, when it refuses what cannot be left out", async () => {
    const { bot, fake } = await botBefore(["quality"]);
    expect((await make(bot)).state).toBe("failed");
    expect(fake.requests).toHaveLength(1);
    expect((await bot.balance()).held).toBe(0);
  });
});

describe("the words of a refusal", () => {
  const sent = { stream: true, partial_images: 1, user: "member-1" };
  const learnt = (status: number, body: unknown) => {
    const options = createTakenOptions();
    const error = answeredError({ name: "openai", apiKey: "k" }, { status, headers: {}, body: body as never });
    const { refusedFor } = options.learn(error, sent) as ProviderError;
    return [refusedFor, options.previews(), options.identity()];
  };

  it.each([
    ["a parameter", 400, { error: { message: "no", code: "x", param: "partial_images" } }],
    ["a name in quotation marks", 400, { error: { message: "Unsupported parameter: 'stream'", code: "x" } }],
    ["a name behind words", 400, { error: { message: "Unrecognized request argument supplied: stream" } }],
    ["a list of Python", 422, { detail: [{ loc: ["body", "partial_images"], msg: "Extra inputs are not permitted" }] }],
    ["Chinese words", 400, { error: { message: "不支持的参数：partial_images", code: "x" } }],
  ])("are read from %s", (_what, status, body) => {
    expect(learnt(status, body)).toEqual(["option", false, "user"]);
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
  ])("are not taken from %s", (_what, status, body) => {
    expect(learnt(status, body).slice(1)).toEqual([true, "user"]);
    expect(learnt(status, body)[0]).not.toBe("option");
  });
});
