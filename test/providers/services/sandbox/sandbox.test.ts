import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../../src/providers/provider.ts";
import { sandbox } from "../../../../src/providers/services/sandbox/sandbox.ts";
import { describeProviderContract } from "../../../support/services/provider-contract.ts";
import { failureOf, imageFolder, run, sha256, testCall, testRequest, testTools } from "../../call.ts";

function sandboxWith(extra: Record<string, string> = {}): Provider {
  return sandbox.create({ apiKey: "", baseUrl: "", concurrency: 4, timeoutMs: 60_000, extra }, testTools());
}

describeProviderContract(
  "sandbox",
  async () => {
    const extra: Record<string, string> = {};
    return {
      provider: sandboxWith(extra),
      paidRequests: () => 0,
      apiKey: "",
      failNext: () => {
        extra.SANDBOX_FAILURE = "failed";
      },
      hangNext: async () => {
        extra.SANDBOX_DELAY_MS = "3600000";
        await new Promise((resolve) => setImmediate(resolve));
      },
      close: async () => undefined,
    };
  },
  {
    "counts paid requests": "it sends nothing over a network",
    "has a key": "it needs none",
  },
);

async function drawn(changed: Parameters<typeof testRequest>[0] = {}, attempt = "attempt-1"): Promise<Buffer> {
  const call = testCall({ attempt });
  await run(sandboxWith(), testRequest(changed), call);
  return call.images.get(0) as Buffer;
}
const pixelsOf = (image: Buffer | string) => sharp(image).removeAlpha().raw().toBuffer();

describe("sandbox", () => {
  let folder: Awaited<ReturnType<typeof imageFolder>>;
  beforeAll(async () => {
    folder = await imageFolder();
  });
  afterAll(() => folder.remove());

  it("draws the same for the same attempt and prompt, and something else for another", async () => {
    const first = sha256(await drawn());
    expect(sha256(await drawn())).toBe(first);
    expect(sha256(await drawn({ prompt: "an owl" }))).not.toBe(first);
    expect(sha256(await drawn({}, "attempt-2"))).not.toBe(first);
  });

  it("draws each image of a job differently", async () => {
    const call = testCall();
    await run(sandboxWith(), testRequest({ count: 3 }), call);
    expect(new Set([...call.images.values()].map(sha256)).size).toBe(3);
  });

  it("writes the prompt into the image", async () => {
    // Seeded by the same text, these two differ in nothing but their letters.
    const { draw } = await import("../../../../src/providers/services/sandbox/drawing.ts");
    const drawing = { seed: "s", size: { width: 1024, height: 1024 }, format: "png", references: [] } as const;
    const [bare, lettered] = await Promise.all([
      draw({ ...drawing, prompt: "" }).then(pixelsOf),
      draw({ ...drawing, prompt: "a fox" }).then(pixelsOf),
    ]);
    const changed = rowsThatDiffer(bare, lettered, 1024);
    expect(changed.length).toBeGreaterThan(15);
    expect(Math.min(...changed)).toBeGreaterThan(800);
  });

  it.each([
    "夕阳下的日本花园",
    "🦊🦊🦊",
    "<b>&amp;</b>",
    "\u0000\u202e\ud800",
    " ",
    "x".repeat(32_000),
    "Zürich – “à la carte”",
  ])("draws for the prompt %j", async (prompt) => {
    expect(await sharp(await drawn({ prompt })).metadata()).toMatchObject({ width: 1024, height: 1024 });
  });

  it("shows references as prints", async () => {
    const reference = await folder.image("print", 400, 400, "png");
    const plain = await pixelsOf(await drawn());
    const edited = await pixelsOf(await drawn({ references: [reference] }));
    expect(countOf(edited, [200, 30, 60])).toBeGreaterThan(100_000);
    expect(countOf(plain, [200, 30, 60])).toBe(0);
  });

  it("redraws only what the mask leaves transparent", async () => {
    const reference = await folder.image("base", 1024, 1024, "png");
    const hole = await sharp({ create: { width: 512, height: 512, channels: 4, background: "#000" } })
      .png()
      .toBuffer();
    const mask = await folder.image("hole", 1024, 1024, "png", 0);
    await sharp(
      await sharp(mask.file)
        .composite([{ input: hole, left: 0, top: 0 }])
        .toBuffer(),
    ).toFile(mask.file);
    const edited = await pixelsOf(await drawn({ references: [reference], mask }));
    const kept = await sharp(edited, { raw: { width: 1024, height: 1024, channels: 3 } })
      .extract({ left: 0, top: 0, width: 512, height: 512 })
      .raw()
      .toBuffer();
    expect(countOf(kept, [200, 30, 60])).toBe(512 * 512);
    expect(countOf(edited, [200, 30, 60])).toBe(512 * 512);
  });

  it.each([
    ["1K", { width: 1024, height: 1024 }, { low: 5, medium: 25, auto: 25, high: 70 }],
    ["2K", { width: 2048, height: 1152 }, { low: 10, medium: 40, auto: 40, high: 100 }],
    ["4K", { width: 3840, height: 2160 }, { low: 15, medium: 60, auto: 60, high: 230 }],
    ["auto", "auto", { low: 15, medium: 60, auto: 60, high: 230 }],
  ] as const)("has the prices of apimodels.app for %s (AM-5 to AM-8)", (_tier, size, prices) => {
    for (const [quality, price] of Object.entries(prices)) {
      expect(sandboxWith().price(testRequest({ size, quality: quality as keyof typeof prices }))).toBe(price);
    }
  });

  it.each(["refused", "moderated", "failed", "unknown"])("fails as told: %s", async (failure) => {
    const call = testCall();
    const error = await failureOf(run(sandboxWith({ SANDBOX_FAILURE: failure }), testRequest(), call));
    expect(error.outcome).toBe(failure);
    expect(call.beforeSends).toBe(1);
  });

  it("discards the image that could not be stored", async () => {
    const full = { write: () => Promise.reject(new Error("ENOSPC")), commit: async () => {}, discard: async () => {} };
    const call = testCall({ openImage: async () => full });
    const error = await failureOf(run(sandboxWith(), testRequest(), call));
    expect(error.outcome).toBe("failed");
    expect(call.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });

  it("accepts sensible settings only", () => {
    const { SANDBOX_DELAY_MS: delay, SANDBOX_FAILURE: failure } = sandbox.variables;
    expect(["0", "3000", "-1", "1.5", "soon", ""].map((value) => delay?.accepts(value))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(["none", "moderated", "damaged", ""].map((value) => failure?.accepts(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

function rowsThatDiffer(one: Buffer, other: Buffer, width: number): number[] {
  const rows = new Set<number>();
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) rows.add(Math.floor(at / 3 / width));
  return [...rows];
}

function countOf(pixels: Buffer, [red, green, blue]: readonly [number, number, number]): number {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) count += 1;
  }
  return count;
}
