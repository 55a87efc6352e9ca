import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StoredImage } from "../../../../src/image.ts";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { openai } from "../../../../src/providers/services/openai/openai.ts";
import { parseSize, type Request } from "../../../../src/request.ts";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import { openAiAt } from "../../../support/services/openai-client.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";
import { describeProviderContract } from "../../../support/services/provider-contract.ts";
import { failureOf, imageFolder, run, testCall, testRequest } from "../../call.ts";

/*
 * Statements that ask nothing of the adapter: OA-1's headers for organization and project (a key belongs to a project
 * already), OA-18 (edits as JSON: they go as a form,
 * which needs no base64), the lower limits for masks (OA-19: the guide allows 50 MB, as for every file).
 */

for (const [name, changed] of [
  ["openai", {}],
  ["openai without streaming", { OPENAI_PARTIAL_IMAGES: "0" }],
] as const) {
  describeProviderContract(name, async () => {
    const fake = await startFakeOpenAi({ apiKey: "sk-secret-key-1" });
    const provider = openAiAt(fake, changed);
    return {
      provider,
      paidRequests: () => fake.requests.length,
      apiKey: fake.apiKey,
      failNext: () =>
        fake.answerNext({ kind: "error", body: { error: { message: `key ${fake.apiKey} crashed`, code: "x" } } }),
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
}

describe("openai", () => {
  let fake: FakeService;
  let provider: Provider;
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  let reference: StoredImage;
  let mask: StoredImage;
  beforeAll(async () => {
    folder = await imageFolder();
    reference = await folder.image("one", 300, 200, "webp");
    mask = await folder.image("mask", 300, 200, "png", 0);
  });
  afterAll(() => folder.remove());
  beforeEach(async () => {
    fake = await startFakeOpenAi();
    provider = openAiAt(fake);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
  });
  const sent = async (changed: Partial<Request>, by = provider) => {
    await run(by, testRequest(changed), testCall());
    return fake.requests.at(-1);
  };

  it("sends a generation as JSON, each field and no other (OA-1 to OA-14, X-36, X-37)", async () => {
    const request = await sent({
      prompt: "夕阳下的\n“fox”",
      count: 2,
      quality: "high",
      format: "webp",
      compression: 70,
      background: "opaque",
      moderation: "low",
      fidelity: "high",
    });
    expect(request).toMatchObject({ path: "/v1/images/generations", authorization: "Bearer sk-test-key" });
    expect(request?.fields).toEqual({
      model: "gpt-image-2",
      prompt: "夕阳下的\n“fox”",
      n: 2,
      size: "1024x1024",
      quality: "high",
      output_format: "webp",
      output_compression: 70,
      background: "opaque",
      moderation: "low",
      user: "member-1",
    });
    expect(fake.violations).toEqual([]);
  });

  it("leaves out what is as it is by default, but never the model (OA-4, OA-8, OA-9, OA-11)", async () => {
    expect((await sent({ count: 2 }))?.fields).toEqual({
      model: "gpt-image-2",
      prompt: "a fox",
      n: 2,
      size: "1024x1024",
      quality: "auto",
      output_format: "png",
      user: "member-1",
    });
  });

  it("sends an edit as a form: one reference as image, with its mask (OA-17, OA-19, OA-21, X-38)", async () => {
    const request = await sent({ references: [reference], mask, format: "jpeg", compression: 0, moderation: "low" });
    expect(request?.path).toBe("/v1/images/edits");
    expect(request?.fields).toEqual({
      model: "gpt-image-2",
      prompt: "a fox",
      n: "1",
      size: "1024x1024",
      quality: "auto",
      output_format: "jpeg",
      output_compression: "0",
      moderation: "low",
      stream: "true",
      partial_images: "1",
      user: "member-1",
    });
    expect(request?.files).toMatchObject([
      { field: "image", mimeType: "image/webp", sha256: reference.sha256 },
      { field: "mask", mimeType: "image/png", sha256: mask.sha256 },
    ]);
    expect(fake.violations).toEqual([]);
  });

  it("repeats image[] for several references, in their order, up to sixteen (OA-17, X-38)", async () => {
    const second = await folder.image("second", 64, 90, "jpeg");
    const references = [reference, second, ...Array.from({ length: 14 }, () => second)];
    const request = await sent({ references, mask, count: 2 });
    expect(request?.files.map(({ field, sha256 }) => [field, sha256])).toEqual([
      ...references.map(({ sha256 }) => ["image[]", sha256]),
      ["mask", mask.sha256],
    ]);
    expect(fake.violations).toEqual([]);
  });

  it("never sends a fidelity: the model always has the high one, and refuses the word (OA-20, X-40)", async () => {
    for (const fidelity of ["low", "high"] as const) {
      const { request, changes } = fitRequest(testRequest({ references: [reference], fidelity }), provider);
      expect(changes).toEqual([]);
      expect((await sent(request))?.fields).not.toHaveProperty("input_fidelity");
    }
    expect(fake.violations).toEqual([]);
  });

  it("makes every size, quality and format that it offers without breaking a rule (OA-6, OA-7, OA-10)", async () => {
    const { sizes, qualities, formats } = provider.capabilities;
    const drawn = await startFakeOpenAi({ image: Buffer.from("drawn") });
    const other = openAiAt(drawn);
    for (const size of [...sizes, "auto" as const]) {
      for (const quality of qualities) {
        for (const format of formats) {
          const compression = format === "png" ? {} : { compression: 100 };
          await run(other, testRequest({ size, quality, format, ...compression }), testCall());
        }
      }
    }
    await drawn.close();
    await other.close();
    expect(drawn.requests.length).toBe(8 * 4 * 3);
    expect(drawn.violations).toEqual([]);
  });

  it.each(["1280x512", "1536x512", "1024x640", "3840x1280", "3840x2160", "2160x3840", "2880x2880"])(
    "takes %s, at the limits, as it is (OA-6, X-39)",
    async (text) => {
      const { request, changes } = fitRequest(testRequest({ size: parseSize(text) ?? "auto" }), provider);
      expect((await sent(request))?.fields.size).toBe(text);
      expect(changes).toEqual([]);
      expect(fake.violations).toEqual([]);
    },
  );

  it.each(["1264x512", "1552x512", "3856x2144", "2896x2880", "1025x1024", "4096x4096"])(
    "refuses %s, beyond the limits, before it is sent (OA-6, X-39)",
    async (text) => {
      const request = testRequest({ size: parseSize(text) ?? "auto" });
      expect(() => fitRequest(request, provider)).toThrow("size-unsupported");
      await failureOf(run(provider, request, testCall()));
      expect(fake.violations.length).toBe(1);
    },
  );

  it("offers a transparent background only where the operator says that the model makes it (OA-8, X-41)", async () => {
    const request = testRequest({ background: "transparent" });
    expect(() => fitRequest(request, provider)).toThrow("option-unsupported");
    const able = await startFakeOpenAi({ transparent: true });
    const other = openAiAt(able, { OPENAI_TRANSPARENT: "on" });
    await run(other, fitRequest(request, other).request, testCall());
    expect(() => fitRequest({ ...request, format: "jpeg" }, other)).toThrow("transparent-in-jpeg");
    await able.close();
    await other.close();
    expect(able.requests[0]?.fields.background).toBe("transparent");
    expect(able.violations).toEqual([]);
  });

  it("refuses prompts and references beyond the limits before they are sent (OA-3, OA-17)", () => {
    expect(() => fitRequest(testRequest({ prompt: "x".repeat(32_001) }), provider)).toThrow("prompt-too-long");
    const references = Array.from({ length: 17 }, () => reference);
    expect(() => fitRequest(testRequest({ references }), provider)).toThrow("too-many-references");
  });

  it("streams a single image with previews, but neither several nor one of low quality (OA-12)", async () => {
    const streamed = { stream: true, partial_images: 1 };
    expect((await sent({}))?.fields).toMatchObject(streamed);
    expect((await sent({ quality: "high" }))?.fields).toMatchObject(streamed);
    for (const changed of [{ count: 2 }, { quality: "low" }] as const) {
      expect((await sent(changed))?.fields).not.toHaveProperty("stream");
    }
    const three = openAiAt(fake, { OPENAI_PARTIAL_IMAGES: "3" });
    expect((await sent({}, three))?.fields).toMatchObject({ stream: true, partial_images: 3 });
    const none = openAiAt(fake, { OPENAI_PARTIAL_IMAGES: "0" });
    expect((await sent({}, none))?.fields).not.toHaveProperty("stream");
    await three.close();
    await none.close();
    expect(fake.violations).toEqual([]);
  });

  it.each([
    ["events", { kind: "images" }],
    ["events whose image is behind an address", { kind: "url" }],
    ["a document where events were asked", { kind: "document" }],
  ] as const)("reads %s, of a generation and of an edit (OA-15, OA-16)", async (_what, answer) => {
    for (const references of [[], [reference]]) {
      fake.answerNext(answer);
      const call = testCall();
      const events = await run(provider, testRequest({ references }), call);
      expect(events.map(({ type }) => type)).toEqual(["image", "done"]);
      expect(events.at(-1)).toMatchObject({ reference: `req_${fake.requests.length}`, cost: expect.any(Number) });
      expect([...call.images.keys()]).toEqual([0]);
      expect(await sharp(call.images.get(0)).metadata()).toMatchObject({ width: 1024, height: 1024 });
      expect(call.sinks.map(({ state }) => state)).toEqual(["committed"]);
    }
    expect(fake.violations).toEqual([]);
  });

  it("takes fewer images than asked as they are", async () => {
    fake.answerNext({ kind: "images", count: 2 });
    const call = testCall();
    await run(provider, testRequest({ count: 3 }), call);
    expect([...call.images.keys()]).toEqual([0, 1]);
  });

  it.each([
    ["a base URL with its path", (url: string) => url],
    ["a base URL with a slash behind", (url: string) => `${url}/`],
    ["a base URL without its path", (url: string) => new URL(url).origin],
  ])("takes %s (OA-1)", async (_what, written) => {
    const other = openAiAt({ baseUrl: written(fake.baseUrl) });
    expect((await sent({}, other))?.path).toBe("/v1/images/generations");
    await other.close();
  });

  it("has OpenAI's address, and the patience of its own client", () => {
    expect(openai.defaultBaseUrl).toBe("https://api.openai.com/v1");
    expect(openai.defaultTimeoutMs).toBe(600_000);
  });

  it.each([
    ["OPENAI_MODEL", ["gpt-image-2-2026-04-21", "openai/gpt-image-2"], ["", "two words", "x".repeat(101)]],
    ["OPENAI_TRANSPARENT", ["on", "off"], ["yes", ""]],
    ["OPENAI_PARTIAL_IMAGES", ["0", "3"], ["4", "-1", "1.5", ""]],
    ["OPENAI_IMAGE_OUT_USD", ["30", "0.5"], ["0", "-1", "30 USD", ""]],
  ])("checks %s", (variable, right, wrong) => {
    const accepts = openai.variables[variable]?.accepts;
    expect(right.map((value) => accepts?.(value))).toEqual(right.map(() => true));
    expect(wrong.map((value) => accepts?.(value))).toEqual(wrong.map(() => false));
  });

  it("hands the operator's model on (OA-4)", async () => {
    const other = openAiAt(fake, { OPENAI_MODEL: "gpt-image-2-2026-04-21" });
    expect((await sent({}, other))?.fields.model).toBe("gpt-image-2-2026-04-21");
    await other.close();
  });
});
