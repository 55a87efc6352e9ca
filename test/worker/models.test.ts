import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { createProviders } from "../../src/providers/offered.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { textFor } from "../../src/text/text.ts";
import { startFakeOpenAi } from "../support/services/openai.ts";
import { openAiExtra } from "../support/services/openai-client.ts";
import type { FakeService } from "../support/services/openai-server.ts";
import { type ScriptedProvider, scriptedProvider } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let folder: string;
let database: Database;
let fake: FakeService;
let house: TestBot;
let other: ScriptedProvider;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-models-"));
  database = await openDatabase({ dataDir: folder });
  fake = await startFakeOpenAi();
});
afterEach(async () => {
  await house.close();
  await fake.close();
  await database.close();
  rmSync(folder, { recursive: true });
  expect(fake.violations).toEqual([]);
});

/** A process with these models of OpenAI, and another service behind, whose images cost `otherPrice`. */
async function openWith(OPENAI_MODELS: string, otherPrice?: number): Promise<void> {
  other = { ...scriptedProvider("other"), price: () => otherPrice ?? 0 };
  const { apiKey, baseUrl } = fake;
  const settings = { apiKey, baseUrl, concurrency: 2, timeoutMs: 60_000, extra: openAiExtra({ OPENAI_MODELS }) };
  const configured = [{ definition: openai, settings }];
  const providers = (tools: Parameters<typeof createProviders>[1]): readonly Provider[] => [
    ...createProviders(configured, tools),
    ...(otherPrice === undefined ? [] : [other]),
  ];
  house = await openRoom({ database, providers });
}

async function restartWith(models: string, otherPrice?: number): Promise<void> {
  await house.close();
  await openWith(models, otherPrice);
  house.world.advance(60_000);
}

const asks = (provider?: string) =>
  house.usecases.imagine({ prompt: "a fox", quality: "high", ...(provider ? { provider } : {}) }, house.caller());
const sentModels = () => fake.requests.map(({ fields }) => fields.model);

/** Lets its tries pass; the job as it ended. */
async function end(job: JobView): Promise<JobView> {
  await house.work();
  const ended = house.end(job);
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    house.world.advance(1000);
    await new Promise(setImmediate);
  }
  return ended;
}

describe("models side by side", () => {
  test("each job is drawn by its model, at the price of that", async () => {
    await openWith("gpt-image-2,gpt-image-1.5");
    const [usual, older] = [await asks("openai"), await asks("openai/gpt-image-1.5")];
    expect([usual.unit, older.unit]).toEqual([214, 137]);
    expect([usual.provider, older.provider]).toEqual(["OpenAI gpt-image-2", "OpenAI gpt-image-1.5"]);
    const charged = [(await end(usual)).charged, (await end(older)).charged];
    expect(sentModels()).toEqual(["gpt-image-2", "gpt-image-1.5"]);
    expect(charged).toEqual(fake.requests.map((request) => Math.ceil(request.charged / 1000)));
  });

  test.each([
    ["in another order", "gpt-image-1.5,gpt-image-2"],
    ["alone", "gpt-image-2"],
  ])("a waiting job keeps its model when the models are configured %s", async (_how, models) => {
    await openWith("gpt-image-2,gpt-image-1.5");
    const job = await asks("openai");
    await restartWith(models);
    expect(await end(job)).toMatchObject({ state: "delivered", unit: 214 });
    expect(sentModels()).toEqual(["gpt-image-2"]);
  });

  test("a waiting job of the only model keeps it when another one comes first", async () => {
    await openWith("gpt-image-1.5");
    const job = await asks();
    await restartWith("gpt-image-2,gpt-image-1.5");
    expect(await end(job)).toMatchObject({ state: "delivered" });
    expect(sentModels()).toEqual(["gpt-image-1.5"]);
  });
});

describe("a waiting job of a model that left the configuration", () => {
  test("goes to another model of the service, if that costs no more than is held", async () => {
    await openWith("gpt-image-2,gpt-image-1.5");
    const job = await asks("openai/gpt-image-2");
    await restartWith("gpt-image-1.5", 1);
    expect(await end(job)).toMatchObject({ state: "delivered", unit: 137 });
    expect(sentModels()).toEqual(["gpt-image-1.5"]);
  });

  test("goes to another service, if the models that are left cost more", async () => {
    await openWith("gpt-image-2,gpt-image-1.5");
    const job = await asks("openai/gpt-image-1.5");
    await restartWith("gpt-image-2", 137);
    expect(await end(job)).toMatchObject({ state: "delivered", charged: 137 });
    expect([sentModels(), other.sent.length]).toEqual([[], 1]);
  });

  test("ends uncharged, with a sentence, if everything else costs more", async () => {
    await openWith("gpt-image-2,gpt-image-1.5");
    const job = await asks("openai/gpt-image-1.5");
    await restartWith("gpt-image-2", 138);
    const ended = await end(job);
    expect(ended).toMatchObject({ state: "failed", failure: { outcome: "not-sent", refusedFor: "gone" } });
    expect(JSON.stringify(textFor("en").job(ended))).toContain("not offered any more");
    expect(JSON.stringify(textFor("zh-CN").job(ended))).toContain("已不再提供");
    expect([sentModels(), other.sent.length]).toEqual([[], 0]);
    expect((await house.balance()).held).toBe(0);
  });
});

describe("a waiting job of a model that ends meanwhile", () => {
  const untilTheEnd = () => house.world.advance(Date.UTC(2026, 11, 1) - house.world.now());

  test.each([undefined, "openai/gpt-image-1.5"])("goes elsewhere for no more than is held (%s)", async (provider) => {
    await openWith("gpt-image-1.5,gpt-image-2", 100);
    const job = await asks(provider);
    untilTheEnd();
    expect(await end(job)).toMatchObject({ state: "delivered", charged: 100 });
    expect(sentModels()).toEqual([]);
  });

  test("ends uncharged at once where nothing else can, and the service is not blamed", async () => {
    await openWith("gpt-image-1.5,gpt-image-2");
    const job = await asks("openai");
    untilTheEnd();
    expect(await end(job)).toMatchObject({ state: "failed", failure: { refusedFor: "gone" } });
    expect(sentModels()).toEqual([]);
    expect(house.context.breakers.isOpen("openai/gpt-image-2")).toBe(false);
    expect((await house.balance()).held).toBe(0);
  });
});
