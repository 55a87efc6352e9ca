import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import { createProviders } from "../../../../src/providers/offered.ts";
import { createPricing } from "../../../../src/providers/pricing.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { nodekey } from "../../../../src/providers/services/nodekey/nodekey.ts";
import { isPixels, qualities, sizeText } from "../../../../src/request.ts";
import { dice } from "../../../support/dice.ts";
import { startFakeNodeKey } from "../../../support/services/nodekey.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";
import { failureOf, run, testCall, testRequest, testTools } from "../../call.ts";

const prices = { NODEKEY_PRICE_1K_USD: "0.04", NODEKEY_PRICE_2K_USD: "0.0805", NODEKEY_PRICE_4K_USD: "0.16" };
const everyModel =
  "gpt-image-2-vip=0.0995, gpt-image-2=0.02/0.05/0.1, gpt-image-2-1k, gpt-image-2-2k, gpt-image-2-4k=0.16";

let fake: FakeService;
let services: readonly Provider[];
beforeAll(async () => {
  fake = await startFakeNodeKey({ image: Buffer.from("an image") });
  const settings = { apiKey: fake.apiKey, baseUrl: fake.baseUrl, concurrency: 4, timeoutMs: 60_000 };
  const extra = { ...prices, NODEKEY_MODELS: everyModel };
  services = createProviders([{ definition: nodekey, settings: { ...settings, extra } }], testTools());
});
afterAll(async () => {
  await fake.close();
  await Promise.all(services.map((service) => service.close()));
});

const named = (name: string): Provider => {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`${name} is not offered`);
  return found;
};

describe("the models of NodeKey by name (NK-3)", () => {
  it("are offered behind the one that goes by size", () => {
    expect(services.map(({ name, label }) => [name, label])).toEqual([
      ["nodekey", "NodeKey"],
      ["nodekey/gpt-image-2-vip", "NodeKey gpt-image-2-vip"],
      ["nodekey/gpt-image-2", "NodeKey gpt-image-2"],
      ["nodekey/gpt-image-2-1k", "NodeKey gpt-image-2-1k"],
      ["nodekey/gpt-image-2-2k", "NodeKey gpt-image-2-2k"],
      ["nodekey/gpt-image-2-4k", "NodeKey gpt-image-2-4k"],
    ]);
  });

  it("are not offered unless the operator lists them", () => {
    expect(nodekey.models?.({ ...prices, NODEKEY_MODELS: nodekey.variables.NODEKEY_MODELS?.fallback ?? "" })).toEqual([
      undefined,
    ]);
  });

  it("offer the sizes of their tier only, and without one all that the document lists (NK-5, X-30)", () => {
    const sizes = (name: string) => named(name).capabilities.sizes.map(sizeText);
    expect(sizes("nodekey/gpt-image-2-2k")).toEqual(["2048x2048", "2048x1152"]);
    expect(sizes("nodekey/gpt-image-2-4k")).toEqual(["3840x2160", "2160x3840"]);
    expect(sizes("nodekey/gpt-image-2-vip")).toEqual(sizes("nodekey"));
    expect(() => fitRequest(testRequest(), named("nodekey/gpt-image-2-4k"))).toThrow("size-unsupported");
  });

  it.each(["gpt-image-2-vip", "gpt-image-2", "gpt-image-2-1k"])("%s is sent as it was chosen", async (model) => {
    await run(named(`nodekey/${model}`), testRequest(), testCall());
    expect(fake.requests.at(-1)?.fields).toMatchObject({ model, size: "1024x1024" });
    await run(named(`nodekey/${model}`), testRequest({ size: "auto" }), testCall());
    expect(fake.requests.at(-1)?.fields.model).toBe(model);
  });

  it.each([
    ["", false],
    ["gpt-image-2-vip", false],
    ["gpt-image-2=0.02/0.05", false],
    ["gpt-image-2-vip=0.08,gpt-image-2-vip=0.09", false],
    ["gpt-image-2-vip=0", false],
    ["gpt-image-3=0.1", false],
    ["gpt-image-2-vip=0.08=0.09", false],
    ["gpt-image-2-4k", true],
    ["gpt-image-2-4k=0.1,gpt-image-2-vip=0.08", true],
    ["none", true],
  ])("are listed as %s: %s", (value, isGood) => {
    expect(nodekey.variables.NODEKEY_MODELS?.accepts(value)).toBe(isGood);
  });
});

describe("the money of each model of NodeKey", () => {
  it("is to the credit what the service bills, over 1,000 requests of which a fifth fails", {
    timeout: 60_000,
  }, async () => {
    const random = dice(20_261_130);
    const pricing = createPricing(0);
    const seen = new Map<string, number>();
    for (let i = 0; i < 1000; i += 1) {
      const provider = services[i % services.length] as Provider;
      const request = testRequest({
        size: random.one([...provider.capabilities.sizes, "auto" as const]),
        quality: random.one(qualities),
        count: random.one([1, 1, 2, 10]),
        background: random.one(["auto", "opaque"] as const),
      });
      const before = fake.charged;
      if (random.next() < 0.2) {
        fake.answerNext({ kind: random.one(["error", "before-headers", "malformed"] as const) });
        await failureOf(run(provider, request, testCall()));
        continue;
      }
      await run(provider, request, testCall());
      const { unit, total } = pricing.quote(provider, request);
      const image = isPixels(request.size) ? request.size : (provider.capabilities.sizes[0] ?? { width: 0, height: 0 });
      const images = Array.from({ length: request.count }, () => image);
      const paid = pricing.settle({ request, unit, held: total }, [{ provider, cost: null, images }]);
      const bill = Math.ceil((fake.charged - before) / request.count / 1000) * request.count;
      const what = `${provider.name} ${sizeText(request.size)}`;
      expect(paid, what).toBe(bill);
      expect(total, what).toBeGreaterThanOrEqual(paid);
      seen.set(provider.name, (seen.get(provider.name) ?? 0) + 1);
    }
    expect(fake.violations).toEqual([]);
    expect(seen.size).toBe(services.length);
  });
});
