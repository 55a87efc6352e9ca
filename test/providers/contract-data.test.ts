import { describe, expect, it } from "vitest";
import { formats } from "../../src/image.ts";
import { providerDefinitions } from "../../src/providers/index.ts";
import { qualities, tierOf, tiers } from "../../src/request.ts";
import { testRequest, testTools } from "./call.ts";

/** Every service must keep these rules in what it says of itself; the platforms, the prices and the queue rely on it. */
const services = providerDefinitions.map((definition) => {
  const { variables, defaultBaseUrl, defaultTimeoutMs: timeoutMs } = definition;
  const extra = Object.fromEntries(Object.entries(variables).map(([name, { fallback = "0.1" }]) => [name, fallback]));
  const baseUrl = defaultBaseUrl || "http://127.0.0.1:9";
  const provider = definition.create({ apiKey: "key", baseUrl, concurrency: 3, timeoutMs, extra }, testTools());
  return { name: definition.name, definition, provider };
});

it("has names that are all different, as its prefixes are", () => {
  expect(new Set(services.map(({ name }) => name)).size).toBe(services.length);
  expect(new Set(services.map(({ definition }) => definition.prefix)).size).toBe(services.length);
});

describe.each(services)("$name", ({ name, definition, provider }) => {
  const { capabilities } = provider;
  const { sizes, ratios } = capabilities;

  it("bears its name, and a label that people can read", () => {
    expect(provider.name).toBe(name);
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(provider.label).toMatch(/^\S.*\S$/);
  });

  it("is configured by variables in capitals with its own prefix, which explain themselves", () => {
    expect(definition.prefix).toMatch(/^[A-Z][A-Z0-9_]*$/);
    for (const [variable, { must }] of Object.entries(definition.variables)) {
      expect(variable.startsWith(`${definition.prefix}_`)).toBe(true);
      expect(must).toMatch(/^must be /);
    }
  });

  it("accepts the value that it falls back to, and refuses nonsense", () => {
    for (const { accepts, fallback } of Object.values(definition.variables)) {
      if (fallback !== undefined) expect(accepts(fallback)).toBe(true);
      expect(accepts("")).toBe(false);
      expect(accepts("no such value, surely")).toBe(false);
    }
  });

  it("gives a call at least as long as its service needs, and honours the operator's limits", () => {
    if (definition.needsKey) expect(definition.defaultTimeoutMs).toBeGreaterThanOrEqual(120_000);
    expect(provider.timeoutMs).toBe(definition.defaultTimeoutMs);
    expect(provider.concurrency).toBe(3);
  });

  it("offers sizes in pixels or by shape, each once", () => {
    expect(sizes.length > 0 || ratios.length > 0).toBe(true);
    expect(sizes.length > 0 && ratios.length > 0).toBe(false);
    expect(new Set(sizes.map(({ width, height }) => `${width}x${height}`)).size).toBe(sizes.length);
    expect(new Set(ratios.map((ratio) => ratio.join(":"))).size).toBe(ratios.length);
  });

  it("lists no size that the model cannot make", () => {
    for (const { width, height } of sizes) {
      expect([width % 16, height % 16]).toEqual([0, 0]);
      expect(Math.max(width, height)).toBeLessThanOrEqual(3840);
      expect(Math.max(width, height) / Math.min(width, height)).toBeLessThanOrEqual(3);
      expect(width * height).toBeLessThanOrEqual(8_294_400);
    }
  });

  it("makes something in every tier", () => {
    const made = ratios.length > 0 ? [...tiers] : sizes.map(tierOf);
    expect(new Set(made)).toEqual(new Set(tiers));
  });

  it("knows only qualities and formats that requests know, auto and png among them", () => {
    expect(capabilities.qualities).toContain("auto");
    expect(capabilities.qualities.every((quality) => qualities.includes(quality))).toBe(true);
    expect(capabilities.formats).toContain("png");
    expect(capabilities.formats.every((format) => formats.includes(format))).toBe(true);
  });

  it("makes 1 to 10 images by one call, and takes no more than 16 references", () => {
    expect(capabilities.maxCount).toBeGreaterThanOrEqual(1);
    expect(capabilities.maxCount).toBeLessThanOrEqual(10);
    expect(capabilities.maxReferences).toBeGreaterThanOrEqual(0);
    expect(capabilities.maxReferences).toBeLessThanOrEqual(16);
  });

  it("uses masks only where it edits", () => {
    expect(capabilities.mask && capabilities.maxReferences === 0).toBe(false);
  });

  it("does everything that requests ask for by default", () => {
    expect(capabilities.autoSize).toBe(true);
    expect(capabilities.backgrounds).toContain("auto");
    expect(capabilities.moderations).toContain("auto");
    expect(capabilities.maxPromptLength).toBeGreaterThanOrEqual(4000);
  });

  const anySize = sizes[0] ?? { ratio: ratios[0] ?? ([1, 1] as const), tier: "1K" as const };

  it("prices an image whatever its format, and a larger tier no lower than a smaller one", () => {
    const price = (format: (typeof formats)[number]) => provider.price(testRequest({ size: anySize, format }));
    expect(new Set(capabilities.formats.map(price)).size).toBe(1);
    const square = (side: number) =>
      provider.price(testRequest({ size: { width: side, height: side }, quality: "high" }));
    expect(square(2048)).toBeGreaterThanOrEqual(square(1024));
  });

  it("prices one image: more of them make it no dearer", () => {
    const price = (count: number) => provider.price(testRequest({ size: anySize, count }));
    expect(price(10)).toBeLessThanOrEqual(price(1));
  });

  it("prices a better quality no lower", () => {
    const prices = (["low", "medium", "high"] as const)
      .filter((quality) => capabilities.qualities.includes(quality))
      .map((quality) => provider.price(testRequest({ size: anySize, quality })));
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  });

  it("can be closed twice", async () => {
    await provider.close();
    await provider.close();
  });
});
