import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../../src/providers/provider.ts";
import { tokenhub } from "../../../../src/providers/services/tokenhub/tokenhub.ts";
import { describeProviderContract } from "../../../support/services/provider-contract.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../../../support/services/tokenhub.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

/*
 * Statements of TokenHub's document that ask nothing of the adapter: TH-3 and TH-4 (how an operator gets a key and
 * money), TH-27 and TH-28 (advice for members), TH-29 (5 to 30 s; the timeout of TH-30 covers it), TH-32 (the same call
 * through OpenAI's SDK; its answer is that of TH-26).
 */

function providerFor(fake: FakeTokenHub, baseUrl = fake.baseUrl): Provider {
  return tokenhub.create({ apiKey: fake.apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: {} }, testTools());
}

describeProviderContract("tokenhub", async () => {
  const fake = await startFakeTokenHub({ apiKey: "th-secret-key-1" });
  const provider = providerFor(fake);
  return {
    provider,
    paidRequests: () => fake.requests.length,
    apiKey: fake.apiKey,
    failNext: () =>
      fake.answerNext({
        kind: "error",
        status: 500,
        body: { error: { message: `key ${fake.apiKey} crashed`, code: "x" } },
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

describe("tokenhub", () => {
  let fake: FakeTokenHub;
  let provider: Provider;
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  beforeAll(async () => {
    folder = await imageFolder();
  });
  afterAll(() => folder.remove());
  beforeEach(async () => {
    fake = await startFakeTokenHub();
    provider = providerFor(fake);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
  });

  it("sends a generation as the document has it, each field and no other (TH-2, TH-5, TH-14 to TH-19, X-4)", async () => {
    await run(
      provider,
      testRequest({ prompt: "夕阳下的\n“fox”", count: 2, quality: "high", format: "webp" }),
      testCall(),
    );
    expect(fake.requests).toMatchObject([{ path: "/api/v1/images/generations", authorization: "Bearer th-test-key" }]);
    expect(fake.requests[0]?.fields).toEqual({
      model: "openai/gpt-image-2",
      prompt: "夕阳下的\n“fox”",
      n: 2,
      size: "1024x1024",
      quality: "high",
      format: "webp",
    });
    expect(fake.violations).toEqual([]);
  });

  it("never sends what a generation does not have, whatever the request holds (X-4)", async () => {
    await run(
      provider,
      testRequest({ compression: 50, fidelity: "high", moderation: "low", format: "jpeg" }),
      testCall(),
    );
    expect(fake.violations).toEqual([]);
  });

  it("sends an edit as a form with its files, field by field (TH-6, TH-20 to TH-24)", async () => {
    const reference = await folder.image("one", 300, 200, "webp");
    const mask = await folder.image("mask", 300, 200, "png", 0);
    const request = testRequest({ references: [reference], mask, format: "jpeg", compression: 70, fidelity: "high" });
    await run(provider, request, testCall());
    const [sent] = fake.requests;
    expect(sent?.path).toBe("/api/v1/images/edits");
    expect(sent?.fields).toEqual({
      model: "openai/gpt-image-2",
      prompt: "a fox",
      n: "1",
      size: "1024x1024",
      quality: "auto",
      output_format: "jpeg",
      output_compression: "70",
      input_fidelity: "high",
    });
    expect(sent?.files).toMatchObject([
      { field: "image", mimeType: "image/webp", sha256: reference.sha256 },
      { field: "mask", mimeType: "image/png", sha256: mask.sha256 },
    ]);
    expect(fake.violations).toEqual([]);
  });

  it("repeats the field image for several references, in their order (TH-6, TH-20)", async () => {
    const references = [
      await folder.image("first", 64, 64, "png"),
      await folder.image("second", 80, 64, "jpeg"),
      await folder.image("third", 64, 90, "webp"),
    ];
    await run(provider, testRequest({ references }), testCall());
    expect(fake.requests[0]?.files.map(({ field, sha256 }) => [field, sha256])).toEqual(
      references.map(({ sha256 }) => ["image", sha256]),
    );
    expect(fake.requests[0]?.fields).not.toHaveProperty("output_compression");
  });

  it("sends nothing when a reference is gone from the disk", async () => {
    const gone = { ...(await folder.image("gone", 64, 64, "png")), file: "/nowhere/gone.png" };
    const call = testCall();
    expect((await failureOf(run(provider, testRequest({ references: [gone] }), call))).outcome).toBe("not-sent");
    expect(call.beforeSends).toBe(0);
    expect(fake.requests).toEqual([]);
  });

  it.each([
    ["a base URL with its path", (url: string) => url],
    ["a base URL with a slash behind", (url: string) => `${url}/`],
    ["a base URL without its path", (url: string) => new URL(url).origin],
    ["a bare host with a slash behind", (url: string) => `${new URL(url).origin}/`],
  ])("takes %s (TH-1)", async (_what, written) => {
    const other = providerFor(fake, written(fake.baseUrl));
    await run(other, testRequest(), testCall());
    await other.close();
    expect(fake.requests.map(({ path }) => path)).toEqual(["/api/v1/images/generations"]);
  });

  it("has the document's address and more patience than it asks for (TH-1, TH-30)", () => {
    expect(tokenhub.defaultBaseUrl).toBe("https://tokenhub.store/api/v1");
    expect(tokenhub.defaultTimeoutMs).toBeGreaterThanOrEqual(120_000);
  });

  it("offers the sizes of the document, and so not 4096x4096 (TH-17, TH-31, X-1)", () => {
    const sizes = provider.capabilities.sizes.map(({ width, height }) => `${width}x${height}`);
    expect(sizes).toEqual("1024x1024 1536x1024 1024x1536 2048x2048 2048x1152 3840x2160 2160x3840".split(" "));
    expect(provider.capabilities).toMatchObject({ autoSize: true, customSizes: false, maxCount: 10 });
  });

  it("has the document's prices by the longest side, whatever the quality (TH-9 to TH-12, X-2, X-7)", async () => {
    const reference = await folder.image("priced", 64, 64, "png");
    const price = (width: number, height: number) => provider.price(testRequest({ size: { width, height } }));
    expect([price(1024, 1024), price(1024, 1536), price(2048, 2048), price(2048, 1152)]).toEqual([125, 125, 250, 250]);
    expect([price(3840, 2160), price(2160, 3840)]).toEqual([500, 500]);
    expect(provider.price(testRequest({ quality: "high", references: [reference] }))).toBe(125);
  });

  it("prices auto as the dearest, as its tier is unknown before (X-3)", () => {
    expect(provider.price(testRequest({ size: "auto" }))).toBe(500);
  });

  it("costs at the service what it quotes: unit price times images (TH-12)", async () => {
    for (const size of provider.capabilities.sizes) {
      const before = fake.charged;
      await run(provider, testRequest({ size, count: 2 }), testCall());
      expect(fake.charged - before).toBe(2 * provider.price(testRequest({ size })));
    }
  });

  it("reads the document's own example of an answer (TH-25)", async () => {
    const example = JSON.parse(
      await readFile(new URL("../../../fixtures/tokenhub-generation.json", import.meta.url), "utf8"),
    );
    fake.answerNext({ kind: "error", status: 200, body: example });
    const call = testCall();
    await run(provider, testRequest(), call);
    expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ format: "png", width: 1, height: 1 });
  });

  it("downloads images behind plain URLs, without sending its key there (TH-26)", async () => {
    fake.answerNext({ kind: "url" });
    const call = testCall();
    const events = await run(provider, testRequest({ count: 2 }), call);
    expect(events.map(({ type }) => type)).toEqual(["image", "image", "done"]);
    expect(await sharp(call.images.get(1)).metadata()).toMatchObject({ width: 1024, height: 1024 });
    expect(fake.violations).toEqual([]);
  });

  it("reads b64_json as OpenAI writes it (TH-7, X-5)", async () => {
    fake.answerNext({ kind: "b64" });
    const call = testCall();
    await run(provider, testRequest(), call);
    expect(call.images.size).toBe(1);
  });

  it("waits for the answer in one request, without polling (TH-8)", async () => {
    fake.answerNext({ kind: "hang" });
    const running = run(provider, testRequest(), testCall());
    await fake.arrived(1);
    fake.release();
    expect((await running).at(-1)).toEqual({ type: "done", reference: "req_1" });
    expect(fake.requests.length).toBe(1);
  });

  it("takes fewer images than asked as they are, and leaves what is too many", async () => {
    fake.answerNext({ kind: "data-uri", count: 2 }, { kind: "data-uri", count: 4 });
    for (const [asked, got] of [
      [3, 2],
      [3, 3],
    ] as const) {
      const call = testCall();
      await run(provider, testRequest({ count: asked }), call);
      expect([...call.images.keys()]).toEqual(Array.from({ length: got }, (_, index) => index));
    }
  });

  it("opens a new connection for each call, so that none dies of an old one", async () => {
    await run(provider, testRequest(), testCall());
    await fake.close();
    fake = await startFakeTokenHub({ port: Number(new URL(fake.baseUrl).port) });
    expect((await run(provider, testRequest(), testCall())).at(-1)?.type).toBe("done");
  });

  it("keeps the wait that a 429 asks for, and the call's id", async () => {
    fake.answerNext({ kind: "error", status: 429, headers: { "retry-after": "7" } });
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome: "refused", refusedFor: "rate", retryAfterMs: 7000, reference: "req_1" });
  });

  it("never follows a redirect", async () => {
    fake.answerNext({ kind: "error", status: 307, headers: { location: `${fake.baseUrl}/images/generations` } });
    expect((await failureOf(run(provider, testRequest(), testCall()))).outcome).toBe("refused");
    expect(fake.requests.length).toBe(1);
  });
});
