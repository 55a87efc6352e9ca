import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../../../src/errors.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { gptImageHub } from "../../../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { type FakeGptImageHub, startFakeGptImageHub } from "../../../support/services/gpt-image-hub.ts";
import { failureOf, run, testCall, testRequest, testTools } from "../../call.ts";

const record = "/api/v1/generations/clx_generation_1";

describe("GPT Image Hub's record of a generation (GH-7)", () => {
  let fake: FakeGptImageHub;
  let provider: Provider;
  beforeEach(async () => {
    fake = await startFakeGptImageHub();
    const { apiKey, baseUrl } = fake;
    const extra = { GPT_IMAGE_HUB_CREDIT_USD: "0.0333" };
    provider = gptImageHub.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra }, testTools());
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
    expect(fake.violations).toEqual([]);
  });

  it.each(["expired", "mid-body", "malformed"] as const)("brings the images of an answer that is %s", async (kind) => {
    fake.answerNext({ kind });
    const call = testCall();
    const events = await run(provider, testRequest({ count: 3 }), call);
    expect(events.map(({ type }) => type)).toEqual(["image", "image", "image", "done"]);
    expect(events.at(-1)).toEqual({ type: "done", reference: "clx_generation_1", cost: 100 });
    expect([...call.images.keys()].sort()).toEqual([0, 1, 2]);
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
    expect([fake.requests.length, fake.reads]).toEqual([1, [record]]);
  });

  it("is asked only for what is still missing, whatever the order in which it lists the images", async () => {
    const { download } = testCall();
    const fetched: string[] = [];
    let broken = true;
    const call = testCall({
      async download(url, sink) {
        fetched.push(new URL(url).pathname);
        const now = broken && url.includes("_1_0.png");
        if (now) broken = false;
        await download(now ? `${url}-gone` : url, sink);
      },
    });
    await run(provider, testRequest({ count: 3 }), call);
    expect(fetched).toEqual([0, 1, 2, 0].map((at) => `/clx_generation_1_${at}.png`));
    expect([...call.images.keys()].sort()).toEqual([0, 1, 2]);
  });

  it.each([
    ["inside data", (one: object) => ({ data: one })],
    ["inside generation", (one: object) => ({ object: "x", generation: one })],
    ["beside the generation", ({ images, ...rest }: { images: object[] }) => ({ generation: rest, images })],
  ])("is understood with its images %s (X-13)", async (_where, wrap) => {
    const images = [{ url: `${fake.fileOrigin}/fresh.png` }];
    fake.answerNext({ kind: "mid-body", record: wrap({ images }) });
    const call = testCall({ download: (url, sink) => sink.write(Buffer.from(url)) });
    await run(provider, testRequest(), call);
    expect(String(call.images.get(0))).toBe(`${fake.fileOrigin}/fresh.png`);
  });

  it("is asked once: an image behind a URL that stays dead is damaged", async () => {
    fake.answerNext({ kind: "gone" });
    const call = testCall();
    const error = await failureOf(run(provider, testRequest({ count: 2 }), call));
    expect(error.outcome).toBe("damaged");
    expect(call.sinks.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => "discarded"));
    expect([fake.requests.length, fake.reads]).toEqual([1, [record]]);
  });

  it("does not cost those images that did arrive when it brings nothing new", async () => {
    fake.answerNext({ kind: "urls", record: null });
    const { download } = testCall();
    const call = testCall({
      download: (url, sink) => download(url.includes("_1_0.png") ? `${url}-gone` : url, sink),
    });
    const events = await run(provider, testRequest({ count: 2 }), call);
    expect(events.map(({ type }) => type)).toEqual(["image", "done"]);
    expect([...call.images.keys()]).toEqual([1]);
    expect(fake.reads).toEqual([record]);
  });

  it.each([["failed"], ["refunded"]])("is not asked after a generation that %s (X-13)", async (generation) => {
    fake.answerNext({ kind: "empty", generation });
    expect((await failureOf(run(provider, testRequest(), testCall()))).outcome).toBe("failed");
    expect(fake.reads).toEqual([]);
  });

  it("tells of a failure that a cut answer did not (GH-20)", async () => {
    fake.answerNext({ kind: "mid-body", record: { id: "clx_generation_1", status: "failed", images: [] } });
    expect((await failureOf(run(provider, testRequest(), testCall()))).outcome).toBe("failed");
  });

  it.each([
    ["mid-body", "unknown"],
    ["expired", "damaged"],
  ] as const)("leaves an answer that is %s as it was when there is none: %s", async (kind, outcome) => {
    fake.answerNext({ kind, record: null });
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error.outcome).toBe(outcome);
    expect([fake.requests.length, fake.reads]).toEqual([1, [record]]);
    if (kind !== "expired") expect(error.reference).toBe("clx_generation_1");
  });

  it("need not be there for the images of a malformed answer that could be read", async () => {
    fake.answerNext({ kind: "malformed", record: null });
    const events = await run(provider, testRequest(), testCall());
    expect(events).toEqual([
      { type: "image", index: 0 },
      { type: "done", reference: "clx_generation_1", cost: undefined },
    ]);
    expect(fake.reads).toEqual([record]);
  });

  it("is left alone when no id could be read, or time is up", async () => {
    fake.answerNext({ kind: "before-id" });
    expect((await failureOf(run(provider, testRequest(), testCall()))).outcome).toBe("unknown");
    const late = new AbortController();
    const call = testCall({
      signal: late.signal,
      async download() {
        late.abort();
        throw new ProviderError("test", "damaged", "given up");
      },
    });
    expect((await failureOf(run(provider, testRequest(), call))).outcome).toBe("damaged");
    expect(fake.reads).toEqual([]);
  });
});
