import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { apimodels } from "../../../../src/providers/services/apimodels/apimodels.ts";
import { qualities, type Request } from "../../../../src/request.ts";
import { type FakeApimodels, startFakeApimodels } from "../../../support/services/apimodels.ts";
import { describeProviderContract, type Subject } from "../../../support/services/provider-contract.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

/*
 * Statements of apimodels.app's document that ask nothing of the adapter: AM-19 to AM-21 as far as they are fields of
 * JSON with URLs or base64 (references and masks go as files of the form, AM-18 ).
 */

function providerFor(fake: FakeApimodels, baseUrl = fake.baseUrl): Provider {
  return apimodels.create({ apiKey: fake.apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: {} }, testTools());
}

async function subject(change: (provider: Provider) => Provider): Promise<Subject> {
  const fake = await startFakeApimodels({ apiKey: "am-secret-key-1" });
  const provider = providerFor(fake);
  return {
    provider: change(provider),
    paidRequests: () => fake.requests.length,
    apiKey: fake.apiKey,
    failNext: () => fake.answerNext({ kind: "error", body: { error: { message: `key ${fake.apiKey} crashed` } } }),
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
}

describeProviderContract("apimodels, at once", () => subject((provider) => provider));

describeProviderContract("apimodels, by tasks", () =>
  subject((provider) => ({
    ...provider,
    generate: (request, context) => provider.generate({ ...request, quality: "high" }, context),
  })),
);

describe("apimodels", () => {
  let fake: FakeApimodels;
  let provider: Provider;
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  beforeAll(async () => {
    folder = await imageFolder();
  });
  afterAll(() => folder.remove());
  beforeEach(async () => {
    fake = await startFakeApimodels();
    provider = providerFor(fake);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
  });
  const size = (width: number, height: number): Partial<Request> => ({ size: { width, height } });

  it("sends a generation as the document has it, each field and no other (AM-2 to AM-4, AM-14, AM-25, X-16)", async () => {
    const request = testRequest({ prompt: "夕阳下的\n“fox”", count: 2, quality: "medium" });
    await run(provider, { ...request, compression: 50, fidelity: "high", moderation: "low" }, testCall());
    expect(fake.requests).toMatchObject([
      { path: "/api/v1/images/generations", authorization: "Bearer am-test-key", task: undefined },
    ]);
    expect(fake.requests[0]?.fields).toEqual({
      model: "gpt-image-2-all",
      prompt: "夕阳下的\n“fox”",
      n: 2,
      size: "1024x1024",
      quality: "medium",
    });
    expect(fake.violations).toEqual([]);
  });

  it("sends an edit as a form with its files, field by field (AM-18, AM-21, AM-23, X-16, X-17, X-27)", async () => {
    const reference = await folder.image("one", 300, 200, "webp");
    const mask = await folder.image("mask", 300, 200, "png", 0);
    await run(provider, testRequest({ references: [reference], mask, background: "opaque" }), testCall());
    const [sent] = fake.requests;
    expect(sent?.path).toBe("/api/v1/images/edits");
    expect(sent?.fields).toEqual({
      model: "gpt-image-2-all",
      prompt: "a fox",
      n: "1",
      size: "1024x1024",
      quality: "auto",
      background: "opaque",
      response_format: "b64_json",
    });
    expect(sent?.files).toMatchObject([
      { field: "image", mimeType: "image/webp", sha256: reference.sha256 },
      { field: "mask", mimeType: "image/png", sha256: mask.sha256 },
    ]);
    expect(fake.violations).toEqual([]);
  });

  it.each([1, 2, 16])(
    "repeats the field image for %d references, in their order (AM-20, X-28, X-38, X-43)",
    async (n) => {
      const references = await Promise.all(
        Array.from({ length: n }, (_, at) => folder.image(`reference-${at}`, 64 + at, 64, "png")),
      );
      await run(provider, testRequest({ references }), testCall());
      expect(fake.requests[0]?.files.map(({ field, sha256 }) => [field, sha256])).toEqual(
        references.map(({ sha256 }) => ["image", sha256]),
      );
      expect(fake.violations).toEqual([]);
    },
  );

  it.each(["transparent", "opaque"] as const)(
    "asks for a background that is %s, and else for none (AM-22)",
    async (background) => {
      await run(provider, testRequest({ background }), testCall());
      await run(provider, testRequest(), testCall());
      expect(fake.requests.map(({ fields }) => fields.background)).toEqual([background, undefined]);
    },
  );

  it("always says the quality, as auto is not the service's default (AM-24, X-26)", async () => {
    for (const quality of qualities) await run(provider, testRequest({ quality }), testCall());
    expect(fake.requests.map(({ fields }) => fields.quality)).toEqual(qualities);
  });

  it.each([
    ["a base URL with its path", (url: string) => url],
    ["a base URL with a slash behind", (url: string) => `${url}/`],
    ["a base URL without its path", (url: string) => new URL(url).origin],
    ["a bare host with a slash behind", (url: string) => `${new URL(url).origin}/`],
  ])("takes %s (AM-1)", async (_what, written) => {
    const other = providerFor(fake, written(fake.baseUrl));
    await run(other, testRequest(), testCall());
    await other.close();
    expect(fake.requests.map(({ path }) => path)).toEqual(["/api/v1/images/generations"]);
  });

  it("has the document's address, and far more patience than high quality takes (AM-1, AM-9)", () => {
    expect(apimodels.defaultBaseUrl).toBe("https://apimodels.app/api/v1");
    expect(apimodels.defaultTimeoutMs).toBeGreaterThan(4 * 120_000);
  });

  it("offers the sizes of the document and any that keep its rules (AM-11, AM-12, X-39)", () => {
    const sizes = provider.capabilities.sizes.map(({ width, height }) => `${width}x${height}`);
    expect(sizes).toEqual("1024x1024 1536x1024 1024x1536 2048x2048 2048x1152 1152x2048 3840x2160 2160x3840".split(" "));
    expect(provider.capabilities.customSizes).toBe(true);
  });

  it("offers what the document has words for, and nothing else (AM-20 to AM-22, AM-24, X-36, X-37)", () => {
    expect(provider.capabilities).toMatchObject({
      formats: ["png"],
      qualities,
      backgrounds: ["auto", "opaque", "transparent"],
      maxReferences: 16,
      mask: true,
      maxCount: 10,
      fidelity: false,
      moderations: ["auto"],
      compression: "never",
    });
  });

  it.each([
    [3840, 2160],
    [3840, 1280],
    [1280, 3840],
    [1024, 640],
    [2880, 2880],
    [1456, 1024],
  ])("makes the free size %dx%d at its limits (AM-12, X-21)", async (width, height) => {
    const { request } = fitRequest(testRequest(size(width, height)), provider);
    const call = testCall();
    await run(provider, request, call);
    expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ width, height });
    expect(fake.violations).toEqual([]);
  });

  it.each([
    ["a side that is no multiple of 16", 1000, 1000],
    ["a side too long", 3856, 2160],
    ["too wide a shape", 3072, 1008],
    ["too few pixels", 1008, 640],
    ["too many pixels", 3840, 2176],
  ])("refuses %s before money moves (AM-12, X-21)", (_what, width, height) => {
    expect(() => fitRequest(testRequest(size(width, height)), provider)).toThrow("size-unsupported");
  });

  it("has the document's prices by tier and quality, auto as medium (AM-5 to AM-8, AM-10)", () => {
    const table = [
      [1536, 1024],
      [2048, 1152],
      [3840, 2160],
    ].map(([width = 0, height = 0]) =>
      ["low", "medium", "auto", "high"].map((quality) =>
        provider.price(testRequest({ ...size(width, height), quality: quality as Request["quality"] })),
      ),
    );
    expect(table).toEqual([
      [5, 25, 25, 70],
      [10, 40, 40, 100],
      [15, 60, 60, 230],
    ]);
  });

  it("has the tiers of the document for free sizes too (AM-10)", () => {
    const low = (width: number, height: number) =>
      provider.price(testRequest({ ...size(width, height), quality: "low" }));
    expect([low(1536, 1536), low(1552, 1024), low(2048, 2048), low(2064, 1024)]).toEqual([5, 10, 10, 15]);
  });

  it("costs at the service what it quotes: unit price times images, edits alike (AM-8, X-23)", async () => {
    const reference = await folder.image("priced", 64, 64, "png");
    const quick = await startFakeApimodels({ image: await readFile(reference.file) });
    const priced = providerFor(quick);
    let quoted = 0;
    for (const pixels of priced.capabilities.sizes) {
      for (const quality of qualities) {
        for (const references of [[], [reference]]) {
          const request = testRequest({ size: pixels, quality, references, count: 2 });
          await run(priced, request, testCall());
          quoted += 2 * priced.price(request);
        }
      }
    }
    expect(quick.charged).toBe(quoted);
    expect(quick.violations).toEqual([]);
    await quick.close();
    await priced.close();
  });

  it("chooses for auto the smallest tier, square or in the shape of the image to be edited (X-19, X-24)", async () => {
    const wide = await folder.image("wide", 1200, 400, "jpeg");
    for (const references of [[], [wide]]) {
      await run(provider, testRequest({ size: "auto", references }), testCall());
    }
    expect(fake.requests.map(({ fields }) => fields.size)).toEqual(["1024x1024", "1536x512"]);
    expect(fake.violations).toEqual([]);
  });

  it("reads images with their bytes, their URL, or both, without sending its key there (AM-14, AM-26, X-17)", async () => {
    for (const kind of ["images", "b64", "url"] as const) {
      fake.answerNext({ kind });
      const call = testCall();
      await run(provider, testRequest({ count: 2 }), call);
      expect([...call.images.keys()]).toEqual([0, 1]);
      expect(await sharp(call.images.get(1)).metadata()).toMatchObject({ width: 1024, height: 1024 });
    }
    expect(fake.violations).toEqual([]);
  });

  it("takes the URL beside bytes that are bad (AM-14, AM-26)", async () => {
    fake.answerNext({ kind: "bad-b64" });
    const call = testCall();
    await run(provider, testRequest(), call);
    expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ width: 1024, height: 1024 });
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded", "committed"]);
  });

  it.each([
    ["a cut before the headers", "unknown", { kind: "before-headers" }],
    ["a cut in the middle", "unknown", { kind: "mid-body" }],
    ["a gateway's 504", "unknown", { kind: "html", status: 504 }],
    ["Cloudflare's 524", "unknown", { kind: "html", status: 524 }],
    ["malformed JSON", "damaged", { kind: "malformed" }],
    ["an empty list", "damaged", { kind: "empty" }],
    ["a list that is null", "damaged", { kind: "null" }],
    ["a page with status 200", "damaged", { kind: "html", status: 200 }],
    ["its own 500", "failed", { kind: "error" }],
    ["an error with status 200", "refused", { kind: "error", status: 200, body: { code: 402, message: "no money" } }],
    ["a refused key", "refused", { kind: "error", status: 401 }],
    ["a refusal of the content", "moderated", { kind: "error", status: 400, body: { error: "content policy" } }],
  ] as const)("takes %s as %s, of images and of tasks alike (AM-8)", async (_what, outcome, answer) => {
    for (const quality of ["medium", "high"] as const) {
      fake.answerNext(answer);
      const call = testCall();
      expect((await failureOf(run(provider, testRequest({ quality }), call))).outcome).toBe(outcome);
      expect(call.sinks.map(({ state }) => state)).not.toContain("open");
      expect(call.images.size).toBe(0);
    }
    expect(fake.requests.length).toBe(2);
    expect(fake.polls).toEqual([]);
  });
});
