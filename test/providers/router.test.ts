import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/errors.ts";
import type { Capabilities, Provider } from "../../src/providers/provider.ts";
import { createRouter, type RouterOptions } from "../../src/providers/router.ts";
import { sandbox } from "../../src/providers/sandbox.ts";
import { tokenhub } from "../../src/providers/tokenhub.ts";
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
    const providers = [limited("first", { maxCount: 2 }), limited("second", { maxCount: 4 })];
    const { route } = routerOf({ providers, markupPercent: 0 });
    expect(route(testRequest({ count: 3 })).provider.name).toBe("second");
    expect(refusal(() => route(testRequest({ count: 5 }))).facts).toEqual({ count: 5, max: 2 });
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
    const { settledUnit } = routerOf({ providers: [dear], markupPercent: 10 });
    expect(settledUnit(testRequest({ size }), dear, image)).toBe(charged);
  });
});
