import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StoredImage } from "../../../../src/image.ts";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { nodekey } from "../../../../src/providers/services/nodekey/nodekey.ts";
import { parseSize, type Request, sizeText } from "../../../../src/request.ts";
import { startFakeNodeKey } from "../../../support/services/nodekey.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";
import { describeProviderContract } from "../../../support/services/provider-contract.ts";
import { failureOf, imageFolder, run, testCall, testRequest, testTools } from "../../call.ts";

/*
 * Statements that ask nothing of the adapter: partial_images (NK-10, X-33: without a stream there is nothing to
 * preview), `created`, the usage of NK-14 (there is no price for tokens, NK-15).
 */

const prices = { NODEKEY_PRICE_1K_USD: "0.04", NODEKEY_PRICE_2K_USD: "0.0805", NODEKEY_PRICE_4K_USD: "0.16" };

function providerFor(fake: FakeService, baseUrl = fake.baseUrl): Provider {
  const settings = { apiKey: fake.apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000 };
  return nodekey.create({ ...settings, extra: prices }, testTools());
}

// The references in its rule on edits are left out by NodeKey, whose requests never have any.
describeProviderContract("nodekey", async () => {
  const fake = await startFakeNodeKey({ apiKey: "nk-secret-key-1" });
  const provider = providerFor(fake);
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

describe("nodekey", () => {
  let fake: FakeService;
  let provider: Provider;
  beforeEach(async () => {
    fake = await startFakeNodeKey();
    provider = providerFor(fake);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
  });
  const sent = async (changed: Partial<Request>, by = provider) => {
    await run(by, testRequest(changed), testCall());
    return fake.requests.at(-1);
  };

  it("sends a generation as the document has it, each field and no other (NK-1 to NK-12, X-36, X-42)", async () => {
    const request = await sent({
      prompt: "夕阳下的\n“fox”",
      count: 10,
      quality: "high",
      format: "jpeg",
      compression: 70,
      background: "opaque",
      moderation: "low",
    });
    expect(request).toMatchObject({ path: "/v1/images/generations", authorization: "Bearer sk-test-key" });
    expect(request?.fields).toEqual({
      model: "gpt-image-2-1k",
      prompt: "夕阳下的\n“fox”",
      n: 10,
      size: "1024x1024",
      quality: "high",
      response_format: "b64_json",
      output_format: "jpeg",
      output_compression: 70,
      background: "opaque",
      moderation: "low",
      user: "member-1",
    });
    expect(fake.violations).toEqual([]);
  });

  it("always sends the quality, as none would become medium (NK-8)", async () => {
    for (const quality of provider.capabilities.qualities) {
      expect((await sent({ quality }))?.fields.quality).toBe(quality);
    }
    expect(fake.violations).toEqual([]);
  });

  it("picks the model to which each size belongs (NK-4, NK-5, X-35)", async () => {
    const models: string[] = [];
    for (const size of provider.capabilities.sizes) {
      const fields = (await sent({ size }))?.fields;
      models.push(`${fields?.model} ${fields?.size}`);
    }
    expect(models).toEqual([
      "gpt-image-2-1k 1024x1024",
      "gpt-image-2-1k 1536x1024",
      "gpt-image-2-1k 1024x1536",
      "gpt-image-2-2k 2048x2048",
      "gpt-image-2-2k 2048x1152",
      "gpt-image-2-4k 3840x2160",
      "gpt-image-2-4k 2160x3840",
    ]);
    expect(fake.violations).toEqual([]);
  });

  it("leaves the size to the model for auto, which makes 1024x1024 (NK-4)", async () => {
    const request = await sent({ size: "auto" });
    expect(request?.fields.model).toBe("gpt-image-2-1k");
    expect(request?.fields).not.toHaveProperty("size");
  });

  it.each(["1152x2048", "1536x864", "4096x4096", "1280x1280"])("refuses %s before it is sent (X-31, X-39)", (text) => {
    const size = parseSize(text) ?? "auto";
    expect(() => fitRequest(testRequest({ size }), provider)).toThrow("size-unsupported");
  });

  it("snaps a shape to the nearest size of its tier, and says so (X-31, X-39)", () => {
    const { request, changes } = fitRequest(testRequest({ size: { ratio: [9, 16], tier: "2K" } }), provider);
    expect(sizeText(request.size)).toBe("2048x2048");
    expect(changes).toEqual([{ code: "size-snapped", from: "2K 9:16", to: "2048x2048" }]);
  });

  it.each([
    ["a base URL with its path", (url: string) => url],
    ["a base URL with a slash behind", (url: string) => `${url}/`],
    ["a base URL without its path", (url: string) => new URL(url).origin],
  ])("takes %s (NK-1)", async (_what, written) => {
    const other = providerFor(fake, written(fake.baseUrl));
    expect((await sent({}, other))?.path).toBe("/v1/images/generations");
    await other.close();
  });

  it("has the document's address (NK-1)", () => {
    expect(nodekey.defaultBaseUrl).toBe("https://nodekey.xinghanyun.cn/v1");
  });

  it("has the operator's prices, all of them required, in whole credits rounded up (NK-15)", () => {
    const at = (width: number, height: number) => provider.price(testRequest({ size: { width, height } }));
    expect([at(1536, 1024), at(2048, 1152), at(2160, 3840)]).toEqual([40, 81, 160]);
    expect(provider.price(testRequest({ size: "auto" }))).toBe(160);
    for (const name of Object.keys(prices)) {
      const { accepts = () => true, fallback } = nodekey.variables[name] ?? {};
      expect(fallback).toBeUndefined();
      expect(["0.04", "1", "0.0805"].map(accepts)).toEqual([true, true, true]);
      expect(["0", "-1", "$0.04", "", "0.00000001"].map(accepts)).toEqual([false, false, false, false, false]);
    }
  });

  it("costs at the service what it quotes, rounded up to a credit", async () => {
    for (const size of provider.capabilities.sizes) {
      const before = fake.charged;
      await run(provider, testRequest({ size, count: 2 }), testCall());
      const unit = provider.price(testRequest({ size }));
      expect(Math.ceil((fake.charged - before) / 2 / 1000)).toBe(unit);
    }
  });

  it("reads bytes, an address, and an empty string in place of either (NK-9, NK-13, X-32)", async () => {
    fake.answerNext({ kind: "images" }, { kind: "url" });
    for (const _ of [1, 2]) {
      const call = testCall();
      const events = await run(provider, testRequest({ count: 2 }), call);
      expect(events.map(({ type }) => type)).toEqual(["image", "image", "done"]);
      expect([...call.images.keys()]).toEqual([0, 1]);
    }
    expect(fake.violations).toEqual([]);
  });

  it("tells no cost: tokens have no price there (NK-14, NK-15)", async () => {
    expect((await run(provider, testRequest(), testCall())).at(-1)).toEqual({ type: "done", reference: "req_1" });
  });

  const body = (code: string, message: string) => ({
    error: { message: `${message} (request id: 2026112012000012345)`, type: "new_api_error", param: "", code },
  });
  it.each([
    [401, body("", "无效的令牌"), "refused", "key"],
    [403, body("access_denied", "该令牌无权访问模型 gpt-image-2-4k"), "refused", "key"],
    [403, body("insufficient_user_quota", "用户额度不足, 剩余额度: ＄0.01"), "refused", "money"],
    [403, body("pre_consume_token_quota_failed", "token quota is not enough"), "refused", "money"],
    [403, body("", "用户额度不足"), "refused", "money"],
    [429, body("", "当前分组上游负载已饱和，请稍后再试"), "refused", "rate"],
    [400, body("invalid_request", "size is not supported"), "refused", "request"],
    [503, body("model_not_found", "No available channel for model gpt-image-2-4k"), "failed", undefined],
    [500, body("do_request_failed", "do request failed"), "failed", undefined],
    [400, body("moderation_blocked", "rejected by the safety system"), "moderated", undefined],
    [500, body("sensitive_words_detected", "user sensitive words detected"), "moderated", undefined],
    [400, body("prompt_blocked", "request blocked"), "moderated", undefined],
    [400, body("", "提示词包含敏感词"), "moderated", undefined],
    [524, body("bad_response_status_code", "bad response status code 524"), "unknown", undefined],
  ] as const)("takes %d with %j as %s (X-34)", async (status, answer, outcome, refusedFor) => {
    fake.answerNext({ kind: "error", status, body: answer });
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome, refusedFor, status });
    expect(fake.requests.length).toBe(1);
  });
});

describe("nodekey, in what it cannot do", () => {
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  let reference: StoredImage;
  beforeAll(async () => {
    folder = await imageFolder();
    reference = await folder.image("one", 64, 64, "png");
  });
  afterAll(() => folder.remove());

  it("refuses references before money moves (NK-1, X-38), and passes transparent backgrounds on (NK-10)", () => {
    const settings = { apiKey: "k", baseUrl: "http://127.0.0.1", concurrency: 1, timeoutMs: 1000, extra: prices };
    const provider = nodekey.create(settings, testTools());
    expect(() => fitRequest(testRequest({ references: [reference] }), provider)).toThrow("references-unsupported");
    expect(fitRequest(testRequest({ background: "transparent" }), provider).request.background).toBe("transparent");
  });
});
