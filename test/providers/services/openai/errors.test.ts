import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../../src/providers/provider.ts";
import { startFakeOpenAi } from "../../../support/services/openai.ts";
import { openAiAt } from "../../../support/services/openai-client.ts";
import type { FakeService } from "../../../support/services/openai-server.ts";
import { failureOf, run, testCall, testRequest } from "../../call.ts";

describe("openai, when it fails", () => {
  let fake: FakeService;
  let provider: Provider;
  beforeEach(async () => {
    fake = await startFakeOpenAi();
    provider = openAiAt(fake);
  });
  afterEach(async () => {
    await fake.close();
    await provider.close();
  });
  const body = (code: string | null, message = "no", type = "invalid_request_error") => ({
    error: { message, type, param: null, code },
  });

  it("refuses a wrong key, and tells the operator (OA-2)", async () => {
    const other = openAiAt({ baseUrl: fake.baseUrl, apiKey: "sk-wrong" });
    const error = await failureOf(run(other, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome: "refused", refusedFor: "key", status: 401, reference: "req_1" });
    await other.close();
  });

  it.each<[number, object, string, string]>([
    [401, body(null, "You didn't provide an API key"), "key", "OA-2"],
    [403, body(null, "Your organization must be verified to use the model `gpt-image-2`."), "key", "verification"],
    [429, body("insufficient_quota", "You exceeded your current quota"), "money", "OA-23"],
    [429, body("project_spend_limit_exceeded"), "money", "OA-23"],
    [400, body("billing_hard_limit_reached"), "money", "OA-23"],
    [429, body("billing_not_active"), "money", "OA-23"],
    [429, body(null, "You exceeded your current quota, please check your plan and billing details"), "money", "OA-23"],
    [429, body("rate_limit_exceeded"), "rate", "OA-23"],
    [400, body("invalid_input_fidelity_model"), "request", "OA-20"],
    [400, body("unsupported_file_mimetype", "unsupported mimetype ('application/octet-stream')"), "request", "OA-21"],
    [400, body("unknown_parameter", "Unknown parameter: 'response_format'."), "request", "OA-13"],
    [404, body("model_not_found"), "request", "OA-4"],
  ])("takes %d with %j as refused, to be mended by %s (%s)", async (status, answer, refusedFor) => {
    fake.answerNext({ kind: "error", status, body: answer });
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome: "refused", refusedFor, status });
    expect(fake.requests.length).toBe(1);
  });

  it("keeps the wait that a 429 asks for (OA-23)", async () => {
    fake.answerNext({ kind: "error", status: 429, headers: { "retry-after": "7" }, body: body("rate_limit_exceeded") });
    expect((await failureOf(run(provider, testRequest(), testCall()))).retryAfterMs).toBe(7000);
  });

  const blocked = "Your request was rejected by the safety system. safety_violations=[sexual]";
  it.each([
    ["OpenAI's own", 400, body("moderation_blocked", blocked, "image_generation_user_error")],
    ["a relay that rewrites the type", 400, body("moderation_blocked", blocked, "shell_api_error")],
    ["a relay that loses the code", 400, body(null, blocked, "new_api_error")],
    ["a relay with a code of its own", 400, body("content_policy_violation", "no", "packy_api_error")],
    ["a relay with a status of its own", 451, body("unavailable")],
    ["a relay that filters by itself", 500, body("sensitive_words_detected", "user sensitive words detected")],
    ["a relay that says success", 200, body("moderation_blocked", blocked)],
  ])("recognises a refusal of content in the dialect of %s (OA-22)", async (_who, status, answer) => {
    fake.answerNext({ kind: "error", status, body: answer });
    const error = await failureOf(run(provider, testRequest(), testCall()));
    expect(error).toMatchObject({ outcome: "moderated", refusedFor: undefined });
  });

  it("recognises a refusal of content in a stream, after a preview (OA-16, OA-22)", async () => {
    fake.answerNext({ kind: "error-event", body: body("moderation_blocked", blocked, "image_generation_user_error") });
    const call = testCall();
    const error = await failureOf(run(provider, testRequest(), call));
    expect(error).toMatchObject({ outcome: "moderated", reference: "req_1" });
    expect(call.sinks).toEqual([]);
  });

  it.each([
    ["an error in the stream", "failed", { kind: "error-event" }],
    ["a stream that ends too early", "unknown", { kind: "no-completion" }],
    ["a stream without events", "unknown", { kind: "empty" }],
    ["a stream cut in the middle", "unknown", { kind: "mid-body" }],
    ["a stream with malformed JSON", "damaged", { kind: "malformed" }],
    ["a cut before the headers", "unknown", { kind: "before-headers" }],
    ["a gateway's 502", "unknown", { kind: "html", status: 502 }],
    ["Cloudflare's 524", "unknown", { kind: "html", status: 524 }],
    ["a page with status 200", "damaged", { kind: "html", status: 200 }],
    ["its own 500", "failed", { kind: "error" }],
  ] as const)("takes %s as %s, with one request and no image", async (_what, outcome, answer) => {
    fake.answerNext(answer);
    const call = testCall();
    const error = await failureOf(run(provider, testRequest(), call));
    expect(error.outcome).toBe(outcome);
    expect(call.images.size).toBe(0);
    expect(call.sinks.map(({ state }) => state)).not.toContain("open");
    expect(fake.requests.length).toBe(1);
  });

  it.each([
    ["a document cut in the middle", "unknown", "mid-body"],
    ["an empty list", "damaged", "empty"],
    ["a list that is null", "damaged", "null"],
    ["malformed JSON", "damaged", "malformed"],
  ] as const)("takes %s as %s", async (_what, outcome, kind) => {
    fake.answerNext({ kind });
    const error = await failureOf(run(provider, testRequest({ count: 2 }), testCall()));
    expect(error.outcome).toBe(outcome);
  });
});
