import { describe, expect, it } from "vitest";
import { reportsError } from "../../../src/providers/decode/json.ts";
import { answeredError } from "../../../src/providers/http/service-error.ts";

const service = { name: "tokenhub", apiKey: "th-secret-key-1" };
const json = (code: string | null, message = "no", type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});
const errorOf = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  answeredError(service, { status, headers, body: body as never });

describe("answeredError", () => {
  it.each([
    [400, json("invalid_value"), "request"],
    [401, json("invalid_api_key"), "key"],
    [401, json(null), "key"],
    [402, { error: { message: "top up", code: "insufficientCredits" } }, "money"],
    [403, json("account_disabled"), "key"],
    [403, json("insufficient_user_quota"), "money"],
    [404, json("model_not_found"), "request"],
    [413, json("too_large"), "request"],
    [422, { detail: [{ msg: "field required" }] }, "request"],
    [429, json("rate_limit_exceeded"), "rate"],
    [429, json("insufficient_quota"), "money"],
    [429, json("project_spend_limit_exceeded"), "money"],
    [400, json("billing_hard_limit_reached"), "money"],
    [400, { error: "Insufficient credits, please recharge" }, "money"],
    [429, json("billing_not_active"), "money"],
    [429, json(null, "You exceeded your current quota, please check your plan"), "money"],
    [403, json("pre_consume_token_quota_failed", "no", "new_api_error"), "money"],
    [403, json("", "user quota is not enough (request id: 7)", "v_api_error"), "money"],
    [403, json("", "用户额度不足, 剩余额度: ＄0.01", "new_api_error"), "money"],
    [403, json("", "账户余额不足", "new_api_error"), "money"],
    [401, json("", "该令牌额度已用尽", "new_api_error"), "money"],
    [400, json("invalid_input_fidelity_model"), "request"],
    [403, json(null, "Your organization must be verified to use the model `gpt-image-2`."), "key"],
    [400, json("unknown_parameter", "Unknown parameter: 'moderation'"), "request"],
    [401, undefined, "key"],
    [403, undefined, "key"],
    [404, undefined, "request"],
    [413, undefined, "request"],
    [429, undefined, "rate"],
    [307, undefined, "request"],
  ] as const)("takes %d with %j as refused, to be mended by %s", (status, body, refusedFor) => {
    expect(errorOf(status, body)).toMatchObject({ outcome: "refused", refusedFor, status });
  });

  it.each([
    [400, json("moderation_blocked", "rejected by the safety system", "image_generation_user_error")],
    [400, json(null, "Your request was rejected by the safety system. safety_violations=[sexual]", "shell_api_error")],
    [400, json("content_policy_violation", "no", "new_api_error")],
    [403, json("content_policy_violation")],
    [422, { code: "moderation_blocked", message: "no" }],
    [500, json("moderation_blocked")],
    [500, json("sensitive_words_detected", "user sensitive words detected", "new_api_error")],
    [400, json("prompt_blocked", "no", "new_api_error")],
    [400, json("", "提示词包含敏感词", "new_api_error")],
    [451, undefined],
    [200, json("moderation_blocked")],
    [200, { data: [{ error: { code: "moderation_blocked", message: "no" } }] }],
    [200, { code: -1, message: "提示词违规" }],
    [200, { code: 0, data: { status: "failed", fail_reason: "内容安全审核未通过" } }],
    [200, { code: "PROHIBITED_CONTENT", message: "no" }],
  ])("recognises a refusal of content under status %d: %j", (status, body) => {
    expect(errorOf(status, body)).toMatchObject({ outcome: "moderated", refusedFor: undefined });
  });

  it.each([
    [500, json("server_error")],
    [500, { error: { code: "generationFailed", message: "no" } }],
    [500, { error: "it broke" }],
    [502, json("upstream_error")],
    [503, { code: 503, msg: "busy" }],
    [503, { success: false, message: "busy" }],
  ])("believes a service that says itself that it failed, unbilled: %d %j (TH-13)", (status, body) => {
    expect(errorOf(status, body).outcome).toBe("failed");
  });

  it.each([
    [500, undefined],
    [502, undefined],
    [503, undefined],
    [504, undefined],
    [520, undefined],
    [524, json("timeout")],
    [504, { message: "Endpoint request timed out" }],
    [502, { message: "Internal server error" }],
    [500, { title: "Internal Server Error", detail: "x", status: 500 }],
    [500, []],
    [500, "busy"],
    [500, null],
    [500, { error: null }],
    [408, json("timeout")],
    [499, undefined],
    [303, undefined],
  ])("does not know what became of a call that ended in %d %j", (status, body) => {
    expect(errorOf(status, body).outcome).toBe("unknown");
  });

  it.each([
    [json("insufficient_quota"), "refused", "money"],
    [json("invalid_api_key"), "refused", "key"],
    [{ code: 401, message: "bad token" }, "refused", "key"],
    [json("rate_limit_exceeded"), "refused", "rate"],
    [json("invalid_size"), "refused", "request"],
    [json("server_error"), "failed", undefined],
    [{ success: false, message: "busy" }, "failed", undefined],
    [{ code: "fail_to_fetch_task", message: "task gone" }, "failed", undefined],
    [{ status: "error" }, "failed", undefined],
    [{ code: -1 }, "failed", undefined],
    [{ data: { error: { message: "upstream is down" } } }, "failed", undefined],
    [{ code: -1, message: "账户积分不足" }, "refused", "money"],
    [{ code: -1, msg: "令牌无效" }, "refused", "key"],
    [{ status: "failed", message: "请求过于频繁" }, "refused", "rate"],
    [{ error: "it broke" }, "failed", undefined],
    [{ code: 504, message: "upstream timed out" }, "failed", undefined],
  ] as const)("takes an error under status 200 by what it says: %j", (body, outcome, refusedFor) => {
    expect(reportsError(body as never)).toBe(true);
    expect(errorOf(200, body)).toMatchObject({ outcome, refusedFor });
  });

  it.each([{ created: 1, data: [] }, { code: 200, message: "success", data: null }, { error: null }, [], "x", null])(
    "sees no error in %j",
    (body) => {
      expect(reportsError(body as never)).toBe(false);
    },
  );

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after-ms": "1500", "retry-after": "2" }, 1500],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT", date: "Fri, 20 Nov 2026 12:00:00 GMT" }, 30_000],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, undefined],
    [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT", date: "Fri, 20 Nov 2026 12:00:00 GMT" }, undefined],
    [{ "retry-after": "9999999" }, 86_400_000],
    [{ "retry-after-ms": "99999999999" }, 86_400_000],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{}, undefined],
  ])("reads how long to wait from %j", (headers, retryAfterMs) => {
    expect(errorOf(429, json("rate_limit_exceeded"), headers).retryAfterMs).toBe(retryAfterMs);
  });

  it("keeps the service's id of the call, and never the key", () => {
    const error = errorOf(401, json("x", `key ${service.apiKey} is bad, yes ${service.apiKey}`), {
      "x-request-id": "r1",
    });
    expect(error.reference).toBe("r1");
    expect(error.message).toBe("HTTP 401: x key [key] is bad, yes [key]");
  });

  it("keeps no more than 500 characters of what the service says", () => {
    expect(errorOf(400, json("x", "y".repeat(10_000))).message.length).toBe(500);
  });
});
