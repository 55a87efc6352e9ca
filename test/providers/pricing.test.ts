import fc from "fast-check";
import { expect, test } from "vitest";
import { callCost, callEstimate, createPricing } from "../../src/providers/pricing.ts";
import { qualities, type Request } from "../../src/request.ts";
import { testRequest } from "./call.ts";

const pixels = fc.record({ width: fc.integer({ min: 1, max: 5000 }), height: fc.integer({ min: 1, max: 5000 }) });
/** Services whose price follows nothing that the quote could know: of the pixels, the quality, or both. */
const service = fc
  .record({ base: fc.nat(500), slope: fc.integer({ min: -50, max: 50 }), high: fc.nat(900) })
  .map((p) => ({
    price: ({ size, quality }: Request) => {
      const side = size !== "auto" && "width" in size ? Math.max(size.width, size.height) : 4096;
      return Math.max(0, p.base + Math.round((p.slope * side) / 1024)) + (quality === "high" ? p.high : 0);
    },
  }));
const request = fc
  .record({
    quality: fc.constantFrom(...qualities),
    count: fc.integer({ min: 1, max: 10 }),
    size: fc.oneof(pixels, fc.constant("auto" as const)),
  })
  .map((asked) => testRequest(asked));
const call = fc.record({
  provider: fc.option(service, { nil: undefined }),
  cost: fc.option(fc.nat(100_000), { nil: null }),
  images: fc.array(pixels, { maxLength: 12 }),
});

test("no settlement passes its quote, whatever the service, the markup, the calls and the pixels", () => {
  fc.assert(
    fc.property(service, request, fc.nat(300), fc.array(call, { maxLength: 4 }), (provider, asked, markup, calls) => {
      const pricing = createPricing(markup);
      const { unit, total } = pricing.quote(provider, asked);
      const charged = pricing.settle({ request: asked, unit, held: total }, calls);
      const images = calls.reduce((sum, each) => sum + each.images.length, 0);
      expect(charged).toBeGreaterThanOrEqual(0);
      expect(charged).toBeLessThanOrEqual(Math.min(total, unit * images));
    }),
  );
});

test("no call costs the operator more than its estimate, by the price list", () => {
  fc.assert(
    fc.property(
      service,
      request,
      fc.array(pixels, { maxLength: 10 }),
      fc.nat(3),
      (provider, asked, images, damaged) => {
        const estimate = callEstimate(provider, asked, images.length + damaged);
        expect(callCost(provider, asked, { images, damaged })).toBeLessThanOrEqual(estimate);
      },
    ),
  );
});

test("a member pays the least that an image can have cost where the price is a ceiling and the service did not tell", () => {
  const byQuality = { auto: 166, high: 166, medium: 41, low: 6 } as const;
  const price = ({ quality }: Request) => byQuality[quality];
  const leastPrice = ({ quality }: Request) => byQuality[quality === "auto" ? "low" : quality];
  const [image] = [{ width: 1024, height: 1024 }];
  const settle = (quality: Request["quality"], cost: number | null, provider = { price, leastPrice }) =>
    createPricing(0).settle({ request: testRequest({ quality }), unit: 166, held: 332 }, [
      { provider, cost, images: [image] },
    ]);
  expect(settle("auto", null)).toBe(6);
  expect(settle("auto", 41)).toBe(41);
  expect(settle("medium", null)).toBe(41);
  expect(settle("auto", null, { price, leastPrice: undefined as never })).toBe(166);
});
