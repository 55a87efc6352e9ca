import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costByUsage } from "../../../../src/providers/services/openai/price.ts";
import { imageTokens } from "../../../../src/providers/services/openai/tokens.ts";
import { qualities, type Request } from "../../../../src/request.ts";
import { outputTokens } from "../../../support/services/openai-bills.ts";
import { openAiAt } from "../../../support/services/openai-client.ts";
import { imageFolder, testRequest } from "../../call.ts";

const prices = { textIn: 5, textInCached: 1.25, imageIn: 8, imageInCached: 2, imageOut: 30 };
const pixels = (width: number, height: number) => ({ width, height });

describe("imageTokens", () => {
  it.each([
    ["low", 1024, 1024, 196],
    ["low", 2560, 1440, 205],
    ["low", 3472, 1488, 201],
    ["medium", 1024, 1024, 1756],
    ["medium", 1536, 1024, 1372],
    ["high", 1024, 1024, 7024],
    ["high", 1536, 1024, 5488],
    ["high", 1792, 1024, 5063],
    ["high", 3584, 2048, 12329],
  ] as const)("counts as OpenAI was seen to count: %s %dx%d (OA-24)", (quality, width, height, tokens) => {
    expect(imageTokens(pixels(width, height), quality)).toBe(tokens);
    expect(imageTokens(pixels(height, width), quality)).toBe(tokens);
  });

  it("counts like whole-number arithmetic for every size", () => {
    const side = fc.integer({ min: 1, max: 240 }).map((lines) => lines * 16);
    fc.assert(
      fc.property(side, side, fc.constantFrom("low", "medium", "high"), (width, height, quality) => {
        expect(imageTokens(pixels(width, height), quality)).toBe(outputTokens(pixels(width, height), quality));
      }),
      { seed: 20261120, numRuns: 2000 },
    );
  });
});

describe("openai's quotes", () => {
  const provider = openAiAt({ baseUrl: "http://127.0.0.1" });
  const price = (changed: Partial<Request>) => provider.price(testRequest({ count: 2, ...changed }));

  it("are the published price of the image, and little beside it (OA-24)", () => {
    const published = { low: 6, medium: 53, high: 211 };
    for (const quality of ["low", "medium", "high"] as const) {
      expect(price({ quality })).toBeGreaterThanOrEqual(published[quality]);
      expect(price({ quality })).toBeLessThanOrEqual(published[quality] + 1);
    }
  });

  it("take auto for the high quality and the dearest of the suggested sizes", () => {
    expect(price({ quality: "auto" })).toBe(price({ quality: "high" }));
    expect(price({ size: "auto" })).toBe(price({ size: pixels(2048, 2048), quality: "high" }));
  });

  it("are ceilings: the least that an image can have cost is that of the low quality where auto was asked for", () => {
    const least = (changed: Partial<Request>) => provider.leastPrice?.(testRequest(changed));
    expect(least({ quality: "auto" })).toBe(6);
    for (const quality of qualities) expect(least({ quality })).toBeLessThanOrEqual(price({ quality }));
  });

  it("count every reference, the mask, a long prompt and the previews of a streamed image", async () => {
    const folder = await imageFolder();
    const reference = await folder.image("reference", 64, 64, "png");
    await folder.remove();
    expect(price({ references: [reference, reference] }) - price({})).toBe(30);
    expect(price({ references: [reference], mask: reference }) - price({})).toBe(30);
    expect(price({ prompt: "字".repeat(1000) }) - price({ prompt: "" })).toBe(15);
    expect(price({ count: 1 }) - price({})).toBe(3);
  });

  it("follow the operator's prices for a million tokens", () => {
    const dear = openAiAt({ baseUrl: "http://127.0.0.1" }, { OPENAI_IMAGE_OUT_USD: "60" });
    expect(dear.price(testRequest({ quality: "high", count: 2 }))).toBe(422);
  });
});

describe("costByUsage", () => {
  const cost = (usage: unknown) => costByUsage({ usage } as never, prices);

  it("prices text, images and output each at its own, and rounds up (OA-15, OA-24)", () => {
    const details = { image_tokens: 352, text_tokens: 19 };
    // A real one: 0.000095 + 0.002816 + 0.01317 dollars.
    expect(cost({ input_tokens: 371, input_tokens_details: details, output_tokens: 439, total_tokens: 810 })).toBe(17);
    expect(cost({ input_tokens: 0, output_tokens: 1000 })).toBe(30);
    expect(cost({ input_tokens: 0, output_tokens: 1001 })).toBe(31);
  });

  it("takes all output for images, and input of no kind for images", () => {
    const output = { output_tokens: 1000, output_tokens_details: { image_tokens: 500, text_tokens: 500 } };
    expect(cost({ input_tokens: 0, ...output })).toBe(30);
    expect(cost({ input_tokens: 1000, output_tokens: 1000 })).toBe(38);
  });

  it("never counts more text than input", () => {
    const usage = { input_tokens: 1000, input_tokens_details: { text_tokens: 3000 }, output_tokens: 1000 };
    expect(cost(usage)).toBe(35);
  });

  it.each([
    ["the names of chats", { prompt_tokens: 1000, completion_tokens: 1000 }, 38],
    [
      "the details of NodeKey (NK-14)",
      { prompt_tokens: 1000, completion_tokens: 1000, prompt_tokens_details: { text: 1000 } },
      35,
    ],
    ["digits in quotation marks", { input_tokens: "1000", output_tokens: "1000" }, 38],
    [
      "both sets of names, one of zeros",
      { input_tokens: 0, prompt_tokens: 1000, output_tokens: 0, completion_tokens: 1000 },
      38,
    ],
    ["a total and no input", { total_tokens: 2000, output_tokens: 1000 }, 38],
    ["details that are null", { input_tokens: 1000, input_tokens_details: null, output_tokens: 1000 }, 38],
  ])("reads %s", (_what, usage, credits) => {
    expect(cost(usage)).toBe(credits);
    expect(costByUsage({ data: { usage } } as never, prices)).toBe(credits);
  });

  it("prices cached tokens at their own rate, the prompt first where it is not told which they are", () => {
    const withCached = (details: object) =>
      cost({
        input_tokens: 8000,
        input_tokens_details: { text_tokens: 4000, image_tokens: 4000, ...details },
        output_tokens: 1000,
      });
    expect(withCached({})).toBe(30 + 20 + 32);
    expect(withCached({ cached_tokens: 4000 })).toBe(30 + 5 + 32);
    expect(withCached({ cached_tokens: 8000 })).toBe(30 + 5 + 8);
    const kinds = { text_tokens: 0, image_tokens: 4000 };
    expect(withCached({ cached_tokens: 4000, cached_tokens_details: kinds })).toBe(30 + 20 + 8);
    expect(withCached({ cached_tokens: 9_000_000 })).toBe(30 + 5 + 8);
  });

  it("prices words that come out at their own rate, where the details account for every token", () => {
    const out = (details: object) => ({
      usage: { input_tokens: 0, output_tokens: 1000, output_tokens_details: details },
    });
    const withWords = { ...prices, textOut: 10 };
    expect(costByUsage(out({ image_tokens: 500, text_tokens: 500 }) as never, withWords)).toBe(20);
    expect(costByUsage(out({ image_tokens: 500, text_tokens: 400 }) as never, withWords)).toBe(30);
  });

  it.each([
    ["no usage", undefined],
    ["null", null],
    ["nothing but zeros", { input_tokens: 0, output_tokens: 0 }],
    ["words", { input_tokens: "nine", output_tokens: "many" }],
    ["less than nothing", { input_tokens: 9, output_tokens: -1 }],
    ["half tokens", { input_tokens: 9, output_tokens: 1.5 }],
    ["no input", { output_tokens: 1756 }],
    ["a list", [1, 2]],
  ])("tells nothing from %s", (_what, usage) => {
    expect(cost(usage)).toBeUndefined();
  });
});
