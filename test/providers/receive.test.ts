import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../src/providers/provider.ts";
import { tokenhub } from "../../src/providers/tokenhub.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/fake-tokenhub.ts";
import { failureOf, run, sha256, testCall, testRequest, testTools } from "./call.ts";

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
