import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/errors.ts";
import type { Pixels } from "../../src/image.ts";
import type { Capabilities, Provider } from "../../src/providers/provider.ts";
import { createRouter, type Router, type RouterOptions } from "../../src/providers/router.ts";
import { gptImageHub } from "../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { sandbox } from "../../src/providers/services/sandbox/sandbox.ts";
import { tokenhub } from "../../src/providers/services/tokenhub/tokenhub.ts";
import { isPixels, type Request, tierOf } from "../../src/request.ts";
import { testRequest, testTools } from "./call.ts";

const settings = { apiKey: "k", baseUrl: "http://127.0.0.1", concurrency: 1, timeoutMs: 1000, extra: {} };
const routerOf = (options: Omit<RouterOptions, "breakers">) =>
  createRouter({ ...options, breakers: { isOpen: () => false } });
const dear = tokenhub.create(settings, testTools());
const cheap = sandbox.create(settings, testTools());
const limited = (name: string, changed: Partial<Capabilities>): Provider => ({
  ...dear,
  name,
  label: name,
  capabilities: { ...dear.capabilities, ...changed },
});

const wide = testRequest({ size: { width: 1152, height: 2048 } });

function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    return error as Refusal;
  }
  throw new Error("it was not refused");
}

/** The price of one image that arrived. */
const settledBy =
  ({ pricing }: Router) =>
  (request: Request, provider: Provider, image: Pixels) => {
    const { unit, total } = pricing.quote(provider, request);
    return pricing.settle({ request, unit, held: total }, [{ provider, cost: null, images: [image] }]);
  };

describe("createRouter", () => {
  it("takes the first service that can do it", () => {
    const router = routerOf({ providers: [dear, cheap], markupPercent: 0 });
    expect(router.route(testRequest()).provider).toBe(dear);
    expect(router.route(wide).provider).toBe(cheap);
    expect(router.names).toEqual(["tokenhub", "sandbox"]);
  });

  it("quotes the fitted request: tier, unit, total and changes", () => {
    const { route } = routerOf({ providers: [dear], markupPercent: 0 });
    const { request, quote } = route(testRequest({ size: { ratio: [16, 9], tier: "1K" }, count: 3 }));
    expect(request.size).toEqual({ width: 1536, height: 1024 });
    expect(quote).toEqual({
      provider: "tokenhub",
      tier: "1K",
      unit: 125,
      total: 375,
      changes: [{ code: "size-snapped", from: "1K 16:9", to: "1536x1024" }],
    });
  });

  it("quotes the dearest price and no tier for auto (X-3)", () => {
    const { quote } = routerOf({ providers: [dear], markupPercent: 0 }).route(testRequest({ size: "auto" }));
    expect(quote).toEqual({ provider: "tokenhub", unit: 500, total: 500, changes: [] });
  });

  it.each([
    [0, 125],
    [10, 138],
    [100, 250],
  ])("adds a markup of %d percent, rounded up to whole credits: %d", (markupPercent, unit) => {
    expect(routerOf({ providers: [dear], markupPercent }).route(testRequest()).quote.unit).toBe(unit);
  });

  it("goes to the service that the member insists on, or nowhere", () => {
    const { route } = routerOf({ providers: [dear, cheap], markupPercent: 0 });
    expect(route(testRequest({ provider: "sandbox" })).provider).toBe(cheap);
    expect(refusal(() => route({ ...wide, provider: "tokenhub" }))).toMatchObject({ code: "size-unsupported" });
    expect(refusal(() => route(testRequest({ provider: "nodekey" })))).toMatchObject({
      code: "provider-unknown",
      facts: { provider: "nodekey", allowed: ["tokenhub", "sandbox"] },
    });
  });

  it("says why the preferred service cannot when none can", () => {
    const providers = [limited("first", { maxPromptLength: 2 }), limited("second", { maxPromptLength: 4 })];
    const { route } = routerOf({ providers, markupPercent: 0 });
    expect(route(testRequest({ prompt: "fox" })).provider.name).toBe("second");
    expect(refusal(() => route(testRequest({ prompt: "a fox" }))).facts).toEqual({ length: 5, limit: 2 });
  });

  it("quotes all images of a job that takes several calls (X-37)", () => {
    const { route } = routerOf({ providers: [limited("four", { maxCount: 4 })], markupPercent: 0 });
    expect(route(testRequest({ count: 10 })).quote).toMatchObject({ unit: 125, total: 1250, changes: [] });
  });

  it("lets a bug pass as a bug", () => {
    const broken: Provider = {
      ...dear,
      price: () => {
        throw new RangeError("a bug");
      },
    };
    expect(() => routerOf({ providers: [broken, cheap], markupPercent: 0 }).route(testRequest())).toThrow(RangeError);
  });

  it("finds a service by its name", () => {
    const { get } = routerOf({ providers: [dear, cheap], markupPercent: 0 });
    expect(get("sandbox")).toBe(cheap);
    expect(get("nodekey")).toBeUndefined();
  });

  it.each([
    ["auto that became 1K", "auto", { width: 1024, height: 1024 }, 138],
    ["auto that became 4K", "auto", { width: 3840, height: 2160 }, 550],
    ["4K that became 1K (V13)", { width: 3840, height: 2160 }, { width: 1536, height: 864 }, 138],
    ["1K that became 4K", { width: 1024, height: 1024 }, { width: 3840, height: 2160 }, 138],
    ["2K as asked", { width: 2048, height: 2048 }, { width: 2048, height: 2048 }, 275],
  ] as const)("settles %s by its pixels, never above the quote", (_what, size, image, charged) => {
    const settledUnit = settledBy(routerOf({ providers: [dear], markupPercent: 10 }));
    expect(settledUnit(testRequest({ size }), dear, image)).toBe(charged);
  });

  describe("at a service that takes shapes", () => {
    const hub = gptImageHub.create({ ...settings, extra: { GPT_IMAGE_HUB_CREDIT_USD: "0.0333" } }, testTools());
    const prices = { "1K": 10, "2K": 20, "4K": 40 };
    const byTier: Provider = {
      ...hub,
      price: ({ size }) => prices[size === "auto" ? "4K" : isPixels(size) ? tierOf(size) : size.tier],
    };

    it("quotes the tier of the shape (GH-9, GH-12)", () => {
      const { route } = routerOf({ providers: [hub], markupPercent: 0 });
      const { request, quote } = route(testRequest({ size: { width: 2048, height: 1152 }, count: 5, format: "webp" }));
      expect(request.size).toEqual({ ratio: [16, 9], tier: "2K" });
      expect(quote).toEqual({
        provider: "gpt-image-hub",
        tier: "2K",
        unit: 34,
        total: 170,
        changes: [{ code: "option-dropped", option: "format" }],
      });
      expect(route(testRequest({ size: "auto" })).quote).not.toHaveProperty("tier");
    });

    it("settles a flat price whatever came (GH-9, X-9, X-10)", () => {
      const settledUnit = settledBy(routerOf({ providers: [hub], markupPercent: 10 }));
      for (const longest of [1024, 1774, 3840]) {
        expect(settledUnit(testRequest({ size: "auto" }), hub, { width: longest, height: 1024 })).toBe(38);
      }
    });

    it("settles a price by tier on what came, never above the quote", () => {
      const router = routerOf({ providers: [byTier], markupPercent: 0 });
      const { route } = router;
      const settledUnit = settledBy(router);
      const { request, quote } = route(testRequest({ size: { ratio: [3, 1], tier: "2K" } }));
      expect(quote.unit).toBe(20);
      expect(settledUnit(request, byTier, { width: 3547, height: 1182 })).toBe(20);
      expect(settledUnit(request, byTier, { width: 1536, height: 512 })).toBe(10);
    });
  });
});

describe("with several services", () => {
  const png = { ...dear, name: "png-only", capabilities: { ...dear.capabilities, formats: ["png" as const] } };
  const route = (open: readonly string[], format: "png" | "webp") =>
    createRouter({
      providers: [png, dear],
      markupPercent: 0,
      breakers: { isOpen: (name) => open.includes(name) },
    }).route(testRequest({ format })).provider.name;

  it("prefers the first, unless it must leave out what another can do", () => {
    expect(route([], "png")).toBe("png-only");
    expect(route([], "webp")).toBe("tokenhub");
  });

  it("prefers one that works to one that is known to be down, even if something is left out then", () => {
    expect(route(["png-only"], "png")).toBe("tokenhub");
    expect(route(["tokenhub"], "webp")).toBe("png-only");
    expect(route(["png-only", "tokenhub"], "webp")).toBe("tokenhub");
  });

  it("passes over services that cannot make a transparent background, and names those that can", () => {
    const able = limited("able", { backgrounds: ["auto", "transparent"] });
    const transparent = testRequest({ background: "transparent" });
    expect(routerOf({ providers: [dear, able], markupPercent: 0 }).route(transparent).provider).toBe(able);
    const insisted = { ...transparent, provider: "tokenhub" };
    const refused = refusal(() => routerOf({ providers: [dear, able], markupPercent: 0 }).route(insisted));
    expect(refused.facts).toMatchObject({ provider: "TokenHub", able: ["able"], others: [] });
    const makeTransparent = ["Elsewhere"];
    const none = refusal(() =>
      routerOf({ providers: [dear, cheap], markupPercent: 0, makeTransparent }).route(transparent),
    );
    expect(none.facts).toMatchObject({ provider: "TokenHub", able: [], others: ["Elsewhere"] });
  });
});
