import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fitRequest } from "../../../../src/providers/fit-request.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { apimodels } from "../../../../src/providers/services/apimodels/apimodels.ts";
import { parseSize, type Request, tierOf } from "../../../../src/request.ts";
import { type FakeApimodels, startFakeApimodels } from "../../../support/services/apimodels.ts";
import { type CallbackServer, openCallbackServer } from "../../../support/services/apimodels-callbacks.ts";
import { run, testCall, testRequest, testTools } from "../../call.ts";

describe("a slow size goes to apimodels", () => {
  let fake: FakeApimodels;
  let provider: Provider;
  let callback: CallbackServer;

  beforeEach(async () => {
    fake = await startFakeApimodels();
    const tools = testTools();
    const { apiKey, baseUrl } = fake;
    provider = apimodels.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: {} }, tools);
    callback = await openCallbackServer(tools.world);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
    await callback.close();
    expect(fake.violations).toEqual([]);
  });

  const asked = (size: string, given: Partial<Request> = {}) =>
    fitRequest(testRequest({ size: parseSize(size) ?? "auto", ...given }), provider).request;

  it.each([
    ["2K 21:9", "low", "21:9", "2K"],
    ["4K 1:1", "medium", "1:1", "4K"],
    ["4:5", "high", "4:5", "1K"],
    ["2K 9:16", "auto", "9:16", "2K"],
  ] as const)(
    "as a shape and a tier for %s, as a member wrote it, with and without a callback (AM-13)",
    async (size, quality, ratio, tier) => {
      const call = testCall();
      await run(provider, asked(size, { quality }), call);
      await run(provider, asked(size, { quality }), testCall({ callback }));
      const fields = {
        model: "gpt-image-2-all",
        prompt: "a fox",
        n: 1,
        quality,
        aspect_ratio: ratio,
        resolution: tier,
      };
      expect(fake.requests.map((request) => request.fields)).toEqual([
        fields,
        { ...fields, callback_url: callback.url },
      ]);
      const { width = 0, height = 0 } = await sharp(call.images.get(0)).metadata();
      expect(tierOf({ width, height })).toBe(tier);
      expect(fake.requests.map(({ charged }) => charged)).toEqual(
        [0, 1].map(() => provider.price(asked(size, { quality }))),
      );
    },
  );

  it("as pixels where a member wrote them, or where they replaced the shape", async () => {
    await run(provider, asked("2016x864"), testCall());
    await run(provider, { ...asked("2K 21:9"), size: { width: 2016, height: 1008 } }, testCall());
    expect(fake.requests.map(({ fields }) => fields.size)).toEqual(["2016x864", "2016x1008"]);
  });

  it("as the nearest pixels for a shape that the rules of sizes do not allow (AM-12)", async () => {
    await run(provider, asked("2K 5:1"), testCall());
    expect(fake.requests[0]?.fields).toMatchObject({ size: "2048x688" });
  });
});
