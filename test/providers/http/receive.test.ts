import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProviderError } from "../../../src/errors.ts";
import type { Json } from "../../../src/providers/decode/json.ts";
import { absoluteAddress, receiveImages } from "../../../src/providers/http/receive.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { tokenhub } from "../../../src/providers/services/tokenhub/tokenhub.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../../support/services/tokenhub.ts";
import { failureOf, run, sha256, testCall, testRequest, testTools } from "../call.ts";

describe("receiveImages, behind TokenHub", () => {
  let fake: FakeTokenHub;
  let provider: Provider;
  const start = async (image?: Buffer) => {
    fake = await startFakeTokenHub(image ? { image } : {});
    const { apiKey, baseUrl } = fake;
    provider = tokenhub.create({ apiKey, baseUrl, concurrency: 4, timeoutMs: 60_000, extra: {} }, testTools());
  };
  const stop = async () => {
    await fake.close();
    await provider.close();
  };
  beforeEach(() => start());
  afterEach(stop);

  it("keeps what had arrived whole when the answer breaks off, and calls the rest unknown", async () => {
    fake.answerNext({ kind: "mid-body" });
    const call = testCall();
    const error = await failureOf(run(provider, testRequest({ count: 3 }), call));
    expect(error.outcome).toBe("unknown");
    expect([...call.images.keys()]).toEqual([0]);
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
  });

  it.each([
    ["a cut before the headers", "unknown", { kind: "before-headers" }],
    ["a cut in the middle", "unknown", { kind: "mid-body" }],
    ["a gateway's 502", "unknown", { kind: "html", status: 502 }],
    ["a gateway's 504", "unknown", { kind: "html", status: 504 }],
    ["Cloudflare's 524", "unknown", { kind: "html", status: 524 }],
    ["malformed JSON", "damaged", { kind: "malformed" }],
    ["an empty list", "damaged", { kind: "empty" }],
    ["a list that is null", "damaged", { kind: "null" }],
    ["a page with status 200", "damaged", { kind: "html", status: 200 }],
    ["its own 500 (TH-13)", "failed", { kind: "error" }],
    ["a refused key", "refused", { kind: "error", status: 401 }],
    ["an error with status 200", "failed", { kind: "error", status: 200 }],
    ["nothing with status 204", "unknown", { kind: "error", status: 204, body: "" }],
  ] as const)("takes %s as %s", async (_what, outcome, answer) => {
    fake.answerNext(answer);
    const call = testCall();
    const error = await failureOf(run(provider, testRequest(), call));
    expect(error.outcome).toBe(outcome);
    expect(call.images.size).toBe(0);
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
    expect(fake.requests.length).toBe(1);
  });

  it("calls an image damaged when its URL brings nothing, and keeps those that do", async () => {
    fake.answerNext({ kind: "url", count: 2 }, { kind: "url" });
    const { download } = testCall();
    const secondOnly = testCall({
      download: (url, sink) => download(url.endsWith("/1.png") ? `${url}-gone` : url, sink),
    });
    await run(provider, testRequest({ count: 2 }), secondOnly);
    expect([...secondOnly.images.keys()]).toEqual([1]);
    const none = testCall({ download: (url, sink) => download(`${url}-gone`, sink) });
    expect((await failureOf(run(provider, testRequest(), none))).outcome).toBe("damaged");
    expect(none.sinks.map(({ state }) => state)).toEqual(["discarded"]);
  });

  it("calls an answer damaged that cannot be stored, without a second call", async () => {
    const full = { write: () => Promise.reject(new Error("ENOSPC")), commit: async () => {}, discard: async () => {} };
    const call = testCall({ openImage: async () => full });
    expect((await failureOf(run(provider, testRequest(), call))).outcome).toBe("damaged");
    expect(fake.requests.length).toBe(1);
  });

  it("stores exactly the bytes that the service sent", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_001 }, (_, at) => (at * 7919) % 256));
    await stop();
    await start(bytes);
    const call = testCall();
    await run(provider, testRequest(), call);
    expect(sha256(call.images.get(0) as Buffer)).toBe(sha256(bytes));
  });
});

describe("receiveImages, with events and costs", () => {
  const service = { name: "some", apiKey: "some-key" };
  const fox64 = Buffer.from("a fox").toString("base64");
  const finished = (more: object = {}) =>
    `data: ${JSON.stringify({ type: "image_generation.completed", b64_json: fox64, ...more })}\n\n`;
  const cut = new ProviderError("some", "unknown", "the answer broke off");
  const costOf = (rest: Json) => {
    const { cost } = rest as { cost?: number };
    return cost;
  };
  const receive = (text: string, { broken = false, count = 1, headers = {}, call = testCall() } = {}) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text);
      if (broken) throw cut;
    }
    const answer = { body: body(), status: 200, headers, reference: "r1" };
    return Array.fromAsync(receiveImages(service, answer, count, call, costOf));
  };

  it("tells the cost, and sums it up where each event has its own", async () => {
    expect((await receive(finished({ cost: 7 }))).at(-1)).toEqual({ type: "done", reference: "r1", cost: 7 });
    const both = finished({ cost: 7 }) + finished({ cost: 5 });
    expect((await receive(both, { count: 2 })).at(-1)).toMatchObject({ cost: 12 });
    expect((await receive(finished())).at(-1)).toEqual({ type: "done", reference: "r1" });
  });

  it("tells the cost of a call that broke off behind its last image", async () => {
    expect((await receive(finished({ cost: 7 }), { broken: true })).at(-1)).toMatchObject({ cost: 7 });
  });

  it("tells no cost where an image was lost: the member pays only for those that came", async () => {
    const text = `${finished({ cost: 12 })}data: {"type":"image_edit.completed","url":"https://r2.example/1.png"}\n\n`;
    const call = testCall({ download: () => Promise.reject(new ProviderError("some", "damaged", "gone")) });
    const events = await receive(text, { count: 2, call });
    expect(events).toEqual([
      { type: "image", index: 0 },
      { type: "done", reference: "r1", cost: undefined },
    ]);
  });

  it("calls a call unknown that broke off before its last image", async () => {
    await expect(receive(finished(), { count: 2, broken: true })).rejects.toBe(cut);
  });

  it("believes what the service says, whatever comes then, even a broken connection", async () => {
    const text = 'event: error\ndata: {"error":{"code":"moderation_blocked","message":"no"}}\n\ndata: {}\n\n';
    expect(await failureOf(receive(text, { broken: true }))).toMatchObject({ outcome: "moderated", status: 200 });
  });

  it.each([
    ["events that end too early", { "content-type": "text/event-stream", "transfer-encoding": "chunked" }, "unknown"],
    ["a document that ends too early, though its length was told", { "content-length": "9" }, "damaged"],
    ["a document that ends too early", {}, "unknown"],
  ])("knows what became of %s", async (_what, headers, outcome) => {
    const text = "content-type" in headers ? ": ping\n\n" : '{"data":[';
    expect((await failureOf(receive(text, { headers }))).outcome).toBe(outcome);
  });
});

describe("absoluteAddress", () => {
  const base = "http://127.0.0.1:4000/v1/images/generations";
  it.each([
    ["/files/1.png", "http://127.0.0.1:4000/files/1.png"],
    ["files/1.png", "http://127.0.0.1:4000/v1/images/files/1.png"],
    ["//cdn.example/1.png", "http://cdn.example/1.png"],
    ["127.0.0.1:4000/1.png", "http://127.0.0.1:4000/1.png"],
    ["cdn.example/1.png", "https://cdn.example/1.png"],
    ["https://cdn.example/1.png", "https://cdn.example/1.png"],
  ])("reads %s as a browser at the answer's address would", (address, absolute) => {
    expect(absoluteAddress(address, base)).toBe(absolute);
  });
});
