import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../../src/providers/provider.ts";
import { gptImageHub } from "../../../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { type FakeGptImageHub, startFakeGptImageHub } from "../../../support/services/gpt-image-hub.ts";
import { failureOf, run, testCall, testRequest, testTools } from "../../call.ts";

/** The document's own example of an answer. */
const example = {
  object: "image_generation",
  id: "clx_generation_log_id",
  status: "succeeded",
  model: "gpt-image-2",
  aspect_ratio: "1:1",
  quality: "1K",
  images: [
    {
      id: "clx_image_id",
      object: "image",
      url: "https://cdn.example.com/generations/user/image.png",
      created_at: "2026-04-30T08:00:00.000Z",
    },
  ],
  usage: { credits: 1 },
  balance: { credits: 119, account_type: "PRO", next_expiration: null },
};

function providerAt(baseUrl: string, apiKey: string, creditUsd = "0.0333"): Provider {
  const extra = { GPT_IMAGE_HUB_CREDIT_USD: creditUsd };
  return gptImageHub.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra }, testTools());
}

describe("receiveGeneration, behind GPT Image Hub", () => {
  let fake: FakeGptImageHub;
  let provider: Provider;
  beforeEach(async () => {
    fake = await startFakeGptImageHub();
    provider = providerAt(fake.baseUrl, fake.apiKey);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
    expect(fake.violations).toEqual([]);
  });

  it("reads the document's own example of an answer (GH-8, GH-19)", async () => {
    fake.answerNext({ kind: "error", status: 200, body: example });
    const fetched: string[] = [];
    const call = testCall({
      async download(url, sink) {
        fetched.push(url);
        await sink.write(Buffer.of(1));
      },
    });
    expect(await run(provider, testRequest(), call)).toEqual([
      { type: "image", index: 0 },
      { type: "done", reference: "clx_generation_log_id", cost: 34 },
    ]);
    expect(fetched).toEqual(["https://cdn.example.com/generations/user/image.png"]);
  });

  it.each([
    [4, "0.0333", 134],
    [3, "0.07", 210],
    [3, "0.009", 27],
    [1, "8.03", 8030],
  ])("brings what %d credits of US$ %s are in ours, rounded up once: %d (GH-9, GH-19)", async (count, usd, cost) => {
    const other = providerAt(fake.baseUrl, fake.apiKey, usd);
    const events = await run(other, testRequest({ count }), testCall());
    expect(fake.charged).toBe(count);
    expect(events.at(-1)).toMatchObject({ type: "done", cost });
    await other.close();
  });

  it.each([[{}], [{ usage: null }], [{ usage: { credits: "1" } }], [{ usage: { credits: -1 } }]])(
    "brings no cost when the service does not tell it: %j",
    async (changed) => {
      fake.answerNext({ kind: "error", status: 200, body: { ...example, usage: undefined, ...changed } });
      const call = testCall({ download: (_url, sink) => sink.write(Buffer.of(1)) });
      expect((await run(provider, testRequest(), call)).at(-1)).toMatchObject({ type: "done", cost: undefined });
    },
  );

  it("downloads the images without sending its key there, and measures nothing itself (GH-19, X-9, X-12)", async () => {
    const call = testCall();
    await run(provider, testRequest({ count: 2, size: { ratio: [3, 1], tier: "1K" } }), call);
    expect(await sharp(call.images.get(1)).metadata()).toMatchObject({ format: "png", width: 1774, height: 591 });
    expect([fake.requests.length, fake.reads]).toEqual([1, []]);
  });

  it("takes fewer images than asked as they are, and leaves what is too many (X-13)", async () => {
    fake.answerNext({ kind: "urls", count: 2 }, { kind: "urls", count: 4 });
    for (const [asked, got] of [
      [3, 2],
      [3, 3],
    ] as const) {
      const call = testCall();
      await run(provider, testRequest({ count: asked }), call);
      expect([...call.images.keys()]).toEqual(Array.from({ length: got }, (_, index) => index));
    }
    expect(fake.reads).toEqual([]);
  });

  it.each([
    ["a cut before the headers", "unknown", { kind: "before-headers" }],
    ["a gateway's 502", "unknown", { kind: "html", status: 502 }],
    ["a gateway's 504", "unknown", { kind: "html", status: 504 }],
    ["Cloudflare's 524", "unknown", { kind: "html", status: 524 }],
    ["a page with status 200", "damaged", { kind: "html", status: 200 }],
    ["nothing with status 204", "unknown", { kind: "error", status: 204, body: "" }],
    ["a list of images that is empty", "damaged", { kind: "empty" }],
    ["a list of images that is null", "damaged", { kind: "null" }],
    ["the status processing, which is no end (X-13)", "unknown", { kind: "empty", generation: "processing" }],
    ["a redirect, which is not followed", "refused", { kind: "error", status: 307, headers: { location: "/" } }],
  ] as const)("takes %s as %s, with one paid request", async (_what, outcome, answer) => {
    fake.answerNext(answer);
    const call = testCall();
    expect((await failureOf(run(provider, testRequest(), call))).outcome).toBe(outcome);
    expect(call.images.size).toBe(0);
    expect(fake.requests.length).toBe(1);
  });

  it("opens no place for images that have no URL", async () => {
    fake.answerNext({ kind: "error", status: 200, body: { images: [{ id: "x" }, null, "y", { url: "" }] } });
    const call = testCall();
    expect((await failureOf(run(provider, testRequest({ count: 4 }), call))).outcome).toBe("damaged");
    expect(call.sinks).toEqual([]);
  });

  const errorOf = (status: number, code: string, message = "no") =>
    ({ kind: "error", status, body: { error: { message, code } } }) as const;

  it.each([
    [errorOf(400, "invalid_request", "Invalid request body"), "refused", "request"],
    [errorOf(401, "missingApiKey"), "refused", "key"],
    [errorOf(401, "invalidApiKey"), "refused", "key"],
    [errorOf(401, "expiredApiKey"), "refused", "key"],
    [errorOf(402, "insufficientCredits"), "refused", "money"],
    [errorOf(404, "notFound"), "refused", "request"],
    [errorOf(500, "generationFailed", "Image generation failed."), "failed", undefined],
    [errorOf(500, "generationFailed", "Your request was rejected by the safety system"), "moderated", undefined],
    [errorOf(400, "invalid_request", "content_policy_violation"), "moderated", undefined],
    [errorOf(200, "generationFailed"), "failed", undefined],
    [errorOf(200, "insufficientCredits"), "refused", "money"],
    [errorOf(200, "invalidApiKey"), "refused", "key"],
    [errorOf(200, "invalid_request"), "refused", "request"],
    [errorOf(200, "notFound"), "refused", "request"],
  ] as const)("takes %j as %s, to be mended by %s (GH-21 to GH-28, X-11)", async (answer, outcome, refusedFor) => {
    fake.answerNext(answer);
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome, refusedFor, status: answer.status });
    expect([fake.requests.length, fake.reads]).toEqual([1, []]);
  });

  it("is not charged for a generation that failed: the service gives back what it took (GH-20)", async () => {
    fake.answerNext({ kind: "error" });
    expect((await failureOf(run(provider, testRequest({ count: 3 }), testCall()))).outcome).toBe("failed");
    expect(fake.requests).toMatchObject([{ taken: 3, refunded: 3 }]);
    expect(fake.charged).toBe(0);
  });

  it("is refused without a charge when the account is empty (GH-26)", async () => {
    const poor = await startFakeGptImageHub({ balance: 2 });
    const other = providerAt(poor.baseUrl, poor.apiKey);
    const error = await failureOf(run(other, testRequest({ count: 3 }), testCall()));
    expect(error).toMatchObject({ outcome: "refused", refusedFor: "money", status: 402 });
    expect(poor.charged).toBe(0);
    await other.close();
    await poor.close();
  });

  it("calls images damaged that cannot be stored, without a second paid request", async () => {
    const full = { write: () => Promise.reject(new Error("ENOSPC")), commit: async () => {}, discard: async () => {} };
    const call = testCall({ openImage: async () => full });
    expect((await failureOf(run(provider, testRequest(), call))).outcome).toBe("damaged");
    expect(fake.requests.length).toBe(1);
  });

  it("reads no more than 1 MB of an answer without an end, and looks its id up", async () => {
    let sent = 0;
    const endless = await serving((response) => {
      response.write('{"id":"clx_1","prompt":"');
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) sent += 65_536;
        sent += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    const other = providerAt(endless.origin, "k");
    const error = await failureOf(run(other, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome: "damaged", reference: "clx_1" });
    expect(endless.paths).toEqual(["/api/v1/images/generations", "/api/v1/generations/clx_1"]);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    await other.close();
    await endless.close();
  });
});

/** A server that answers every POST as told, and every GET with 404. */
async function serving(post: (response: import("node:http").ServerResponse) => void) {
  const paths: string[] = [];
  const server: Server = createServer((request, response) => {
    paths.push(request.url ?? "");
    request.resume();
    if (request.method === "GET") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/json" });
    post(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    paths,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
