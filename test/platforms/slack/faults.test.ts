import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { expect, it } from "vitest";
import { faultOf, retryAfterMs } from "../../../src/platforms/slack/api/faults.ts";

const platform = (error: string, more = {}) => new WebAPIPlatformError({ ok: false, error, ...more });

it.each([
  [platform("ratelimited"), "delayed"],
  [platform("<html>Bad gateway</html>"), "delayed"],
  [platform("invalid_blocks", { errors: ["invalid slack file [json-pointer:/blocks/0]"] }), "delayed"],
  [platform("invalid_blocks"), "bug"],
  [platform("external_channel_migrating"), "delayed"],
  [platform("message_limit_exceeded"), "delayed"],
  [platform("update_failed"), "delayed"],
  [platform("not_in_channel"), "elsewhere"],
  [platform("is_inactive"), "elsewhere"],
  [platform("enterprise_is_restricted"), "nowhere"],
  [platform("restricted_action_thread_locked"), "elsewhere"],
  [platform("message_not_found"), "message-gone"],
  [platform("token_revoked"), "revoked"],
  [platform("invalid_auth"), "revoked"],
  [platform("storage_limit_reached"), "nowhere"],
  [platform("expired_trigger_id"), "form-expired"],
  [new WebAPIHTTPError(503, "", {}), "delayed"],
  [new WebAPIRequestError(new Error("reset")), "delayed"],
  [new TypeError("ours"), "bug"],
])("takes %s for what it is", (error, fault) => {
  expect(faultOf(error)).toBe(fault);
});

it("waits as long as Slack says, and longer when the operator must act", () => {
  expect(retryAfterMs(new WebAPIRateLimitedError(30))).toBe(30_000);
  expect(retryAfterMs(platform("missing_scope"))).toBe(60_000);
  expect(retryAfterMs(new WebAPIHTTPError(503, "", {}))).toBe(5000);
});
