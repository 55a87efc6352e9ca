import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { configureProviders } from "../../../../src/config/providers.ts";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import type { Provider, ProviderTools } from "../../../../src/providers/provider.ts";
import { gptImageHub } from "../../../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { parseSize, tiers } from "../../../../src/request.ts";
import {
  type FakeGptImageHub,
  type FakeGptImageHubOptions,
  startFakeGptImageHub,
} from "../../../support/services/gpt-image-hub.ts";
import { hubRatios } from "../../../support/services/gpt-image-hub-rules.ts";
import { describeProviderContract } from "../../../support/services/provider-contract.ts";
import { memoryCache } from "../../../support/world.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

/*
 * Statements of GPT Image Hub's document that ask nothing of the adapter: GH-3 (how an operator gets a key), GH-8 (the
 * order models, credits, generation is advice; the first two are read by `check` and `balance`).
 */

function providerFor(fake: FakeGptImageHub, baseUrl = fake.baseUrl, tools: ProviderTools = testTools()): Provider {
  const extra = { GPT_IMAGE_HUB_CREDIT_USD: "0.04" };
  const { apiKey } = fake;
  return gptImageHub.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra }, tools);
}

function priced(creditUsd: string): Provider {
  const extra = { GPT_IMAGE_HUB_CREDIT_USD: creditUsd };
  return gptImageHub.create(
    { apiKey: "k", baseUrl: "http://127.0.0.1", concurrency: 1, timeoutMs: 1, extra },
    testTools(),
  );
}

describeProviderContract("gpt-image-hub", async () => {
  const fake = await startFakeGptImageHub({ apiKey: "gih_live_secret_1" });
  const provider = providerFor(fake);
  return {
    provider,
    paidRequests: () => fake.requests.length,
    apiKey: fake.apiKey,
    failNext: () =>
      fake.answerNext({
        kind: "error",
        body: { error: { message: `key ${fake.apiKey} crashed`, code: "generationFailed" } },
      }),
    async hangNext() {
      fake.answerNext({ kind: "hang" });
      await fake.arrived(fake.requests.length + 1);
    },
    async close() {
      await fake.close();
      await provider.close();
      expect(fake.violations).toEqual([]);
    },
  };
});

describe("gpt-image-hub", () => {
  let fake: FakeGptImageHub;
  let provider: Provider;
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  const start = async (options: FakeGptImageHubOptions = {}, tools?: ProviderTools) => {
    fake = await startFakeGptImageHub(options);
    provider = providerFor(fake, fake.baseUrl, tools);
  };
  const stop = async () => {
    await fake.close();
    await provider.close();
  };
  const restart = async (options?: FakeGptImageHubOptions, tools?: ProviderTools) => {
    await stop();
    await start(options, tools);
  };
  beforeAll(async () => {
    folder = await imageFolder();
  });
  afterAll(() => folder.remove());
  beforeEach(() => start());
  afterEach(stop);

  it("sends a generation as JSON, each field and no other (GH-2, GH-6, GH-10 to GH-14, GH-16, X-8, X-15)", async () => {
    const size = parseSize("2K 16:9") ?? "auto";
    await run(provider, testRequest({ prompt: "夕阳下的\n“fox”", count: 2, size }), testCall());
    expect(fake.requests).toMatchObject([
      { path: "/api/v1/images/generations", authorization: "Bearer gih_live_test", files: [] },
    ]);
    expect(fake.requests[0]?.fields).toEqual({
      model: "gpt-image-2",
      prompt: "夕阳下的\n“fox”",
      aspect_ratio: "16:9",
      quality: "2K",
      n: 2,
    });
  });

  it("never sends what the service does not have, whatever the request holds (X-8, X-12, X-36, X-38)", async () => {
    const reference = await folder.image("whole", 64, 64, "png");
    const wish = { compression: 50, fidelity: "high", moderation: "low", format: "jpeg", quality: "high" } as const;
    await run(provider, testRequest(wish), testCall());
    await run(provider, testRequest({ ...wish, references: [reference], mask: reference }), testCall());
    expect(fake.violations).toEqual([]);
  });

  it.each([1, 2, 16])("sends %d references as a form that repeats one field (GH-15 to GH-18, X-38)", async (many) => {
    const formats = ["png", "jpeg", "webp"] as const;
    const references = await Promise.all(
      Array.from({ length: many }, (_, at) => folder.image(`${many}-${at}`, 64 + at, 64, formats[at % 3] ?? "png")),
    );
    await run(provider, testRequest({ references, count: 2, size: parseSize("4K 3:1") ?? "auto" }), testCall());
    const [sent] = fake.requests;
    expect(sent?.path).toBe("/api/v1/images/generations");
    expect(sent?.fields).toEqual({
      model: "gpt-image-2",
      prompt: "a fox",
      aspect_ratio: "3:1",
      quality: "4K",
      n: "2",
    });
    expect(sent?.files.map(({ field, mimeType, sha256 }) => ({ field, mimeType, sha256 }))).toEqual(
      references.map(({ format, sha256 }) => ({ field: "reference_image", mimeType: `image/${format}`, sha256 })),
    );
    expect(fake.violations).toEqual([]);
  });

  it("offers what the document offers (GH-11, GH-13, GH-17, X-12, X-37, X-39)", () => {
    expect(provider.capabilities.ratios.map((ratio) => ratio.join(":"))).toEqual(hubRatios);
    expect(provider.capabilities).toMatchObject({
      sizes: [],
      customSizes: false,
      autoSize: true,
      formats: ["png"],
      maxCount: 4,
      maxReferences: 16,
      mask: false,
    });
  });

  it("sends only legal requests and pays what it quotes, for every shape, tier and count (GH-9 to GH-13, X-10)", async () => {
    const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await restart({ balance: 1000, image });
    const sizes = tiers.flatMap((tier) => hubRatios.map((ratio) => `${tier} ${ratio}`));
    for (const [at, size] of ["auto", ...sizes].entries()) {
      const asked = testRequest({ size: parseSize(size) ?? "auto", count: (at % 4) + 1 });
      const { request, changes } = fitRequest(asked, provider);
      const before = fake.charged;
      const events = await run(provider, request, testCall());
      expect(changes).toEqual([]);
      const [quality, ratio] = size === "auto" ? ["1K", "auto"] : size.split(" ");
      expect(fake.requests.at(-1)?.fields).toMatchObject({ aspect_ratio: ratio, quality });
      expect(fake.charged - before).toBe(asked.count);
      expect(events.at(-1)).toMatchObject({ cost: asked.count * provider.price(request) });
    }
    expect(fake.violations).toEqual([]);
  });

  it.each([
    ["the site itself", (site: string) => site],
    ["the site with a slash behind", (site: string) => `${site}/`],
    ["the address of the API", (site: string) => `${site}/api/v1`],
    ["the address of the API with a slash behind", (site: string) => `${site}/api/v1/`],
  ])("takes %s as base URL (GH-1, X-14)", async (_what, written) => {
    const other = providerFor(fake, written(fake.baseUrl));
    await run(other, testRequest(), testCall());
    await other.close();
    expect(fake.requests.map(({ path }) => path)).toEqual(["/api/v1/images/generations"]);
  });

  it("cannot be configured without an address and a price (GH-1, GH-9)", () => {
    const given = { GPT_IMAGE_HUB_API_KEY: "gih_live_x" };
    const problems = configureProviders(given, [gptImageHub]).problems.join("\n");
    expect(problems).toContain("GPT_IMAGE_HUB_BASE_URL");
    expect(problems).toContain("GPT_IMAGE_HUB_CREDIT_USD");
  });

  it.each([
    ["0.04", true],
    ["1", true],
    ["0.000001", true],
    ["0", false],
    ["0.000", false],
    ["-1", false],
    ["1e3", false],
    ["free", false],
    ["", false],
    ["0,04", false],
    ["Infinity", false],
  ])("accepts a credit price of %j: %s", (value, accepted) => {
    expect(gptImageHub.variables.GPT_IMAGE_HUB_CREDIT_USD?.accepts(value)).toBe(accepted);
  });

  it.each([
    ["0.04", 40],
    ["0.07", 70],
    ["0.0333", 34],
    ["0.0001", 1],
    ["1.1", 1100],
  ])("prices an image at one of its credits of US$ %s, rounded up to %d of ours (GH-9, X-10)", (creditUsd, price) => {
    const hub = priced(creditUsd);
    for (const size of ["auto", "1K", "4K 16:9"]) {
      expect(hub.price(testRequest({ size: parseSize(size) ?? "auto", quality: "high" }))).toBe(price);
    }
  });

  it("has more patience than the service's 600 s (GH-29)", () => {
    expect(gptImageHub.defaultTimeoutMs).toBeGreaterThan(600_000);
    expect(gptImageHub.defaultBaseUrl).toBeUndefined();
  });

  it("waits for the answer in one request, without polling (GH-6, GH-30)", async () => {
    fake.answerNext({ kind: "hang" });
    const running = run(provider, testRequest(), testCall());
    await fake.arrived(1);
    fake.release();
    expect((await running).at(-1)?.type).toBe("done");
    expect([fake.requests.length, fake.reads]).toEqual([1, []]);
  });

  it("measures nothing and promises nothing for auto (GH-11, GH-12, X-9)", async () => {
    await run(provider, testRequest({ size: "auto" }), testCall());
    expect(fake.requests[0]?.fields).toMatchObject({ aspect_ratio: "auto", quality: "1K" });
  });

  describe("its account", () => {
    it("tells what is left there (GH-5)", async () => {
      expect(await provider.balance?.()).toEqual({ amount: 120, unit: "credits", low: false });
      expect(fake.reads).toEqual(["/api/v1/credits"]);
    });

    it.each([
      [20, false],
      [19, true],
      [0, true],
    ])("calls %d credits low: %s", async (balance, low) => {
      await restart({ balance });
      expect(await provider.balance?.()).toMatchObject({ amount: balance, low });
    });

    it.each([
      [{ balance: { credits: 7 } }, 7],
      [{ balance: 7 }, 7],
      [{ data: { credits: 7 } }, 7],
      [{ data: { balance: { credits: 7 } } }, 7],
      [{ account_type: "PRO" }, undefined],
      [{ credits: "many" }, undefined],
      [[], undefined],
    ])("finds the balance in %j: %s (GH-5 shows no shape)", async (document, amount) => {
      fake.documents.set("/api/v1/credits", document);
      expect((await provider.balance?.())?.amount).toBe(amount);
    });

    it("asks for the balance at most once a minute, and for the models once an hour (GH-4, GH-5)", async () => {
      const kept: [string, number][] = [];
      const under = memoryCache();
      const cache: typeof under = {
        ...under,
        async set(key, value, ttlMs) {
          kept.push([key, ttlMs]);
          await under.set(key, value, ttlMs);
        },
      };
      await restart({}, { ...testTools(), cache });
      await provider.balance?.();
      await provider.balance?.();
      expect(fake.reads).toEqual(["/api/v1/credits"]);
      await provider.check();
      await provider.check();
      expect(fake.reads.filter((path) => path === "/api/v1/models").length).toBe(1);
      expect(kept.map(([, ttlMs]) => ttlMs)).toEqual([60_000, 3_600_000]);
    });

    it("finds out before the first job that the key is wrong (GH-24)", async () => {
      const other = providerFor({ ...fake, apiKey: "gih_live_other" }, fake.baseUrl);
      expect(await failureOf(other.check())).toMatchObject({ outcome: "refused", refusedFor: "key" });
      await other.close();
    });

    it.each([
      [{ data: [{ id: "gpt-image-3" }] }, false],
      [[], false],
      [{ models: [{ model: "gpt-image-2" }] }, true],
      [["gpt-image-2"], true],
    ])("sees in the model list %j whether its model is offered: %s (GH-4)", async (list, offered) => {
      fake.documents.set("/api/v1/models", list);
      if (offered) await provider.check();
      else expect((await failureOf(provider.check())).message).toContain("gpt-image-2");
    });

    it("says when the service is not there", async () => {
      await fake.close();
      expect((await failureOf(provider.check())).outcome).toBe("not-sent");
      expect((await failureOf(provider.balance?.() ?? Promise.resolve())).outcome).toBe("not-sent");
    });
  });
});
