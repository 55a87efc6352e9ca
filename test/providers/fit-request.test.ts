import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/errors.ts";
import type { StoredImage } from "../../src/image.ts";
import { fitRequest } from "../../src/providers/fit-request.ts";
import type { Capabilities } from "../../src/providers/provider.ts";
import { gptImageHub } from "../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { sandbox } from "../../src/providers/services/sandbox/sandbox.ts";
import { tokenhub } from "../../src/providers/services/tokenhub/tokenhub.ts";
import { isPixels, parseSize, type Request, sizeText, tierOf, tiers } from "../../src/request.ts";
import { testRequest, testTools } from "./call.ts";

const settings = { apiKey: "k", baseUrl: "http://127.0.0.1", concurrency: 1, timeoutMs: 1000, extra: {} };
const listed = tokenhub.create(settings, testTools());
const free = sandbox.create(settings, testTools());
const shaped = gptImageHub.create({ ...settings, extra: { GPT_IMAGE_HUB_CREDIT_USD: "0.04" } }, testTools());
const without = (changed: Partial<Capabilities>) => ({
  label: "Some",
  capabilities: { ...listed.capabilities, ...changed },
});
const image: StoredImage = { file: "f", sha256: "", format: "png", bytes: 1, width: 64, height: 64 };

function refusalOf(request: Partial<Request>, service = without({})): { code: string; facts: object } {
  try {
    fitRequest(testRequest(request), service);
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, facts: error.facts };
    throw error;
  }
  throw new Error("it was not refused");
}

const sized = (text: string) => testRequest({ size: parseSize(text) ?? "auto" });

describe("fitRequest, sizes", () => {
  it.each([
    ["1024x1024", "1024x1024", undefined],
    ["auto", "auto", undefined],
    ["1K", "1024x1024", undefined],
    ["1K 3:2", "1536x1024", undefined],
    ["2:3", "1024x1536", undefined],
    ["2K", "2048x2048", undefined],
    ["2K 16:9", "2048x1152", undefined],
    ["4K 16:9", "3840x2160", undefined],
    ["4K 9:16", "2160x3840", undefined],
    ["1K 16:9", "1536x1024", "1K 16:9"],
    ["2K 9:16", "2048x2048", "2K 9:16"],
    ["4K", "3840x2160", "4K 1:1"],
    ["4K 3:4", "2160x3840", "4K 3:4"],
  ])("turns %s into the nearest size of the list, %s", (asked, to, snappedFrom) => {
    const { request, changes } = fitRequest(sized(asked), listed);
    expect(sizeText(request.size)).toBe(to);
    expect(changes).toEqual(snappedFrom ? [{ code: "size-snapped", from: snappedFrom, to }] : []);
  });

  it.each([
    ["1K", "1024x1024"],
    ["1K 3:2", "1536x1024"],
    ["1K 16:9", "1536x864"],
    ["2K 4:3", "2048x1536"],
    ["2K 9:16", "1152x2048"],
    ["4K", "2880x2880"],
    ["4K 4:3", "3312x2480"],
    ["4K 3:1", "3840x1280"],
    ["2K 3:1", "2048x688"],
    ["1024x1040", "1024x1040"],
  ])("works out %s as %s where sizes are free", (asked, to) => {
    const { request, changes } = fitRequest(sized(asked), free);
    expect(sizeText(request.size)).toBe(to);
    expect(changes).toEqual([]);
  });

  it("says so when a shape is too wide", () => {
    const { request, changes } = fitRequest(sized("2K 21:4"), free);
    expect(changes).toEqual([{ code: "size-snapped", from: "2K 21:4", to: sizeText(request.size) }]);
  });

  it("keeps the rules for free sizes and the tier, whatever the shape (OA-6, AM-12)", () => {
    const side = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(...tiers), (width, height, tier) => {
        const { request } = fitRequest(testRequest({ size: { ratio: [width, height], tier } }), free);
        if (!isPixels(request.size)) throw new Error("no pixels");
        const [short, long] = [request.size.width, request.size.height].sort((a, b) => a - b) as [number, number];
        expect([short % 16, long % 16]).toEqual([0, 0]);
        expect(long).toBeLessThanOrEqual(Math.min(3840, 3 * short));
        expect(short * long).toBeGreaterThanOrEqual(655_360);
        expect(short * long).toBeLessThanOrEqual(8_294_400);
        expect(tierOf(request.size)).toBe(tier);
        expect(request.size.width >= request.size.height).toBe(width >= height);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it("refuses exact pixels that are not listed, and names those that are", () => {
    expect(refusalOf({ size: { width: 4096, height: 4096 } }, listed)).toEqual({
      code: "size-unsupported",
      facts: {
        size: "4096x4096",
        provider: "TokenHub",
        allowed: "1024x1024 1536x1024 1024x1536 2048x2048 2048x1152 3840x2160 2160x3840 auto".split(" "),
      },
    });
  });

  it.each(["1000x1024", "4096x2048", "3840x3840", "512x512", "3840x1264", "0x0"])(
    "refuses %s where sizes are free",
    (asked) => {
      expect(refusalOf(sized(asked), free).code).toBe("size-unsupported");
    },
  );

  it("refuses auto and tiers that the service does not have", () => {
    expect(refusalOf({ size: "auto" }, without({ autoSize: false })).code).toBe("size-unsupported");
    const small = without({ sizes: [{ width: 1024, height: 1024 }] });
    expect(refusalOf(sized("2K"), small).facts).toEqual({
      size: "2K 1:1",
      provider: "Some",
      allowed: ["1024x1024", "auto"],
    });
  });
});

describe("fitRequest, sizes of a service that takes shapes", () => {
  it.each([
    ["1024x1024", "1K 1:1"],
    ["1536x1024", "1K 3:2"],
    ["1152x2048", "2K 9:16"],
    ["3840x2160", "4K 16:9"],
    ["2048x2048", "2K 1:1"],
    ["2048x1536", "2K 4:3"],
    ["1000x1000", "1K 1:1"],
    ["2K", "2K 1:1"],
    ["21:9", "1K 21:9"],
    ["4K 1:3", "4K 1:3"],
    ["2K 6:4", "2K 3:2"],
    ["2K 43:24", "2K 16:9"],
  ])("turns %s into %s, which is what was meant (GH-11, GH-12, X-39)", (asked, to) => {
    const { request, changes } = fitRequest(sized(asked), shaped);
    expect(sizeText(request.size)).toBe(to);
    expect(changes).toEqual([]);
  });

  it.each([
    ["1376x768", "1K 16:9"],
    ["1025x1024", "1K 1:1"],
    ["3840x1000", "4K 3:1"],
    ["99999x1", "4K 3:1"],
    ["1K 7:5", "1K 4:3"],
    ["2K 1:9", "2K 1:3"],
    ["4K 99:1", "4K 3:1"],
  ])("snaps %s to the nearest shape, %s, and says so", (asked, to) => {
    const { request, changes } = fitRequest(sized(asked), shaped);
    expect(sizeText(request.size)).toBe(to);
    expect(changes).toEqual([{ code: "size-snapped", from: asked, to }]);
  });

  it("leaves auto to the service (GH-11)", () => {
    expect(fitRequest(sized("auto"), shaped)).toMatchObject({ request: { size: "auto" }, changes: [] });
    const decided = { ...shaped, capabilities: { ...shaped.capabilities, autoSize: false } };
    expect(refusalOf({ size: "auto" }, decided).code).toBe("size-unsupported");
  });

  it.each(["0x0", "0x1024", "1024x0"])("refuses %s, and names the shapes that there are", (asked) => {
    expect(refusalOf(sized(asked), shaped)).toEqual({
      code: "size-unsupported",
      facts: {
        size: asked,
        provider: "GPT Image Hub",
        allowed: "1:1 4:3 3:4 3:2 2:3 16:9 9:16 5:4 4:5 21:9 9:21 2:1 1:2 3:1 1:3 auto".split(" "),
      },
    });
  });

  it("always gives an offered shape of the asked tier, and the same again for what it gave", () => {
    const side = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(...tiers), (width, height, tier) => {
        const { request } = fitRequest(testRequest({ size: { ratio: [width, height], tier } }), shaped);
        expect(shaped.capabilities.ratios.map((ratio) => `${tier} ${ratio.join(":")}`)).toContain(
          sizeText(request.size),
        );
        expect(fitRequest(request, shaped)).toEqual({ request, changes: [] });
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});

describe("fitRequest, what a service cannot do", () => {
  it.each<[string, Partial<Request>, Partial<Capabilities>, object]>([
    ["prompt-too-long", { prompt: "x".repeat(11) }, { maxPromptLength: 10 }, { length: 11, limit: 10 }],
    ["count-out-of-range", { count: 11 }, { maxCount: 4 }, { count: 11, max: 10 }],
    ["count-out-of-range", { count: 0 }, {}, { count: 0, max: 10 }],
    ["count-out-of-range", { count: 1.5 }, {}, { count: 1.5, max: 10 }],
    ["count-out-of-range", { count: Number.NaN }, {}, { count: Number.NaN, max: 10 }],
    ["references-unsupported", { references: [image] }, { maxReferences: 0 }, { provider: "Some" }],
    ["too-many-references", { references: [image, image] }, { maxReferences: 1 }, { count: 2, max: 1 }],
    ["mask-without-image", { mask: image }, {}, {}],
    ["mask-unsupported", { references: [image], mask: image }, { mask: false }, { provider: "Some" }],
    [
      "option-unsupported",
      { background: "transparent" },
      {},
      { option: "background", value: "transparent", provider: "Some" },
    ],
    [
      "transparent-in-jpeg",
      { background: "transparent", format: "jpeg" },
      { backgrounds: ["auto", "transparent"] },
      {},
    ],
  ])("refuses with %s: %j", (code, request, capabilities, facts) => {
    expect(refusalOf(request, without(capabilities))).toEqual({ code, facts });
  });
});

describe("fitRequest, what is only nice to have", () => {
  const dropped = (option: string) => [{ code: "option-dropped", option }];

  it("drops compression where it has no place, and says so", () => {
    const asked = { compression: 50, format: "jpeg" } as const;
    expect(fitRequest(testRequest(asked), listed)).toMatchObject({ changes: dropped("compression") });
    expect(fitRequest(testRequest(asked), listed).request).not.toHaveProperty("compression");
    expect(fitRequest(testRequest({ ...asked, format: "png" }), free).changes).toEqual(dropped("compression"));
  });

  it("keeps compression where the service has it: always, or for edits (TH-24)", () => {
    const asked = { compression: 0, format: "jpeg" } as const;
    const edit = fitRequest(testRequest({ ...asked, references: [image] }), listed);
    expect(edit).toMatchObject({ request: { compression: 0 }, changes: [] });
    expect(fitRequest(testRequest(asked), free)).toMatchObject({ request: { compression: 0 }, changes: [] });
  });

  it("takes the first quality and format of a service that lacks those asked for (X-8, X-12, X-36)", () => {
    const fit = fitRequest(testRequest({ quality: "high", format: "webp" }), shaped);
    expect(fit.changes).toEqual([...dropped("quality"), ...dropped("format")]);
    expect(fit.request).toMatchObject({ quality: "auto", format: "png" });
  });

  it("drops compression together with the format that it was for", () => {
    const fit = fitRequest(testRequest({ format: "jpeg", compression: 50 }), without({ formats: ["png", "webp"] }));
    expect(fit.changes).toEqual([...dropped("format"), ...dropped("compression")]);
    expect(fit.request).not.toHaveProperty("compression");
  });

  it("keeps a count above what one call makes: the job is then several calls (GH-13, X-37)", () => {
    expect(fitRequest(testRequest({ count: 10 }), shaped)).toMatchObject({ request: { count: 10 }, changes: [] });
  });

  it("drops high fidelity and an opaque background that the service lacks", () => {
    const request = testRequest({ references: [image], fidelity: "high", background: "opaque" });
    const fit = fitRequest(request, without({ fidelity: false }));
    expect(fit.changes).toEqual([...dropped("fidelity"), ...dropped("background")]);
    expect(fit.request).toMatchObject({ fidelity: "low", background: "auto" });
  });

  it("says nothing of fidelity where there are no references that it could be to", () => {
    expect(fitRequest(testRequest({ fidelity: "high" }), without({ fidelity: false })).changes).toEqual([]);
  });

  it("changes nothing that the service can do, nor the request it was given", () => {
    const request = testRequest({ references: [image], mask: image, fidelity: "high", count: 10, quality: "high" });
    const before = structuredClone(request);
    expect(fitRequest(request, listed)).toEqual({ request, changes: [] });
    expect(request).toEqual(before);
  });
});
