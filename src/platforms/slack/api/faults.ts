import { SlackError, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";

/**
 * The meaning of a failed call to Slack: `delayed` the same call may succeed later; `elsewhere` not in this conversation;
 * `message-gone` the message can no longer be changed; `nowhere` not in this workspace; `revoked` the app is no longer
 * installed there, or its token was taken away; `form-expired` too late to open a form; `bug` none of these.
 */
export type Fault = "delayed" | "elsewhere" | "message-gone" | "nowhere" | "revoked" | "form-expired" | "bug";

const faults: Readonly<Record<Exclude<Fault, "bug">, RegExp>> = {
  delayed:
    /^(ratelimited|rate_limited|internal_error|fatal_error|service_unavailable|request_timeout|file_not_found|file_update_failed|not_authed|missing_scope|team_added_to_org|external_channel_migrating|message_limit_exceeded|update_failed|accesslimited)$/,
  elsewhere:
    /^(not_in_channel|channel_not_found|is_archived|restricted_action\w*|user_not_in_channel|team_access_not_granted|no_permission|cannot_reply_to_message|thread_not_found|is_inactive|channel_is_limited_access|channel_type_not_supported|access_denied)$/,
  "message-gone": /^(message_not_found|cant_update_message|edit_window_closed|thread_locked)$/,
  revoked: /^(invalid_auth|account_inactive|token_revoked|token_expired)$/,
  nowhere:
    /^(team_not_found|org_login_required|messages_tab_disabled|user_disabled|user_not_found|cannot_dm_bot|file_uploads_disabled|file_uploads_except_images_disabled|file_upload_size_restricted|file_type_not_allowed|storage_limit_reached|ekm_access_denied|slack_connect_file_upload_sharing_blocked|enterprise_is_restricted|two_factor_setup_required)$/,
  "form-expired": /^(expired_trigger_id|exchanged_trigger_id|invalid_trigger_id)$/,
};

export function faultOf(error: unknown): Fault {
  if (error instanceof WebAPIPlatformError) return platformFault(error);
  return error instanceof SlackError ? "delayed" : "bug";
}

/** The code in Slack's own answer; undefined when it is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/** An error as when Slack says that the app is not installed in a workspace. */
export function notInstalled(): WebAPIPlatformError {
  return new WebAPIPlatformError({ ok: false, error: "account_inactive" });
}

/** Tells how long Slack asks us to wait; 5 s when it does not say, a minute when the operator must act first. */
export function retryAfterMs(error: unknown): number {
  if (error instanceof WebAPIRateLimitedError) return error.retryAfter * 1000;
  return operatorMustAct.test(codeOf(error) ?? "") ? 60_000 : 5000;
}

const operatorMustAct = /^(not_authed|missing_scope)$/;

function platformFault({ data }: WebAPIPlatformError): Fault {
  if (!/^\w{1,80}$/.test(data.error)) return "delayed"; // not Slack's own words: a gateway's page
  // a file that Slack has not finished is refused as a wrong block (python-slack-sdk#1521)
  if (data.error === "invalid_blocks" && JSON.stringify(data).includes("invalid slack file")) return "delayed";
  for (const [fault, codes] of Object.entries(faults)) if (codes.test(data.error)) return fault as Fault;
  return "bug";
}
