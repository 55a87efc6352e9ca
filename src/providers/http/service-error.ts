import { type Outcome, ProviderError, type RefusedFor } from "../../errors.ts";
import { errorLayer, isObject, type Json } from "../decode/json.ts";

/** A service and its key, which is known here only to be kept out of messages. */
export interface ServiceIdentity {
  readonly name: string;
  readonly apiKey: string;
}

/** An answer without images. */
export interface BadAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined when the body was no JSON. */
  readonly body: Json | undefined;
}

interface ServiceError {
  readonly code: string;
  readonly message: string;
  readonly parameter: string | undefined;
  /** In the form of the service's application, not of a gateway in front of it. */
  readonly own: boolean;
}

interface Meaning {
  readonly outcome: Outcome;
  readonly refusedFor?: RefusedFor | undefined;
}

// Relays rewrite the types and statuses of OpenAI's errors but keep code and message; new-api has codes of its own,
// and words of its own language: sensitive words; money, credit or balance that is short or used up.
const moderationSigns =
  /moderation_(blocked|failed|rejected)|content_moderation|content[ _]policy|content_filter|safety[ _](system|violation)|sensitive_words|prompt_blocked|prohibited[ _]content|image_safety|blocklist|nsfw|(violat|against)\w* (of )?(our |the )?(content|usage|safety)|敏感|违规|违禁|色情|内容(安全|审核|政策|策略)|审核(未|不)通过|安全(审核|策略|系统)/i;
const moneySigns =
  /insufficient[\w ]{0,20}(quota|credit|balance|fund)|billing_(hard_limit|not_active)|spend_limit|quota_(exceeded|failed)|exceeded your current quota|quota is not enough|(额度|余额|配额|积分)(不足|不够|已用尽)|欠费/i;
const keySigns =
  /(invalid|missing|expired|incorrect|revoked)[ _]?(api[ _]?key|token)|unauthori[sz]ed|authentication|无效的?令牌|令牌(无效|已过期)|密钥(无效|错误)/i;
const rateSigns = /rate[ _]?limit|too[ _]many[ _]requests|请求(过于频繁|过多)|限流|频率(限制|过高)/i;
const requestSigns = /invalid|unknown|unsupported|not[ _]?found/i;

const longestWaitMs = 86_400_000;

/** Below 500, yet the call may have run: See Other, timeouts, a client that seemed to go away. */
const ambiguousStatuses: readonly number[] = [303, 408, 425, 499];

/** Decides, for every service, what an answer that is no success means for the paid call. */
export function answeredError(service: ServiceIdentity, answer: BadAnswer): ProviderError {
  const error = serviceError(answer.body);
  const meaning = meaningOf(answer.status, error);
  const says = error ? `${error.code} ${error.message}`.trim() : "nothing that we understand";
  return new ProviderError(service.name, meaning.outcome, withoutKey(service, `HTTP ${answer.status}: ${says}`), {
    status: answer.status,
    refusedFor: meaning.refusedFor,
    retryAfterMs: retryAfterMs(answer.headers),
    reference: referenceOf(answer.headers),
    parameter: error?.parameter,
  });
}

export function referenceOf(headers: BadAnswer["headers"]): string | undefined {
  const id = headers["x-request-id"];
  return typeof id === "string" ? id.slice(0, 200) : undefined;
}

function withoutKey(service: ServiceIdentity, text: string): string {
  const clean = service.apiKey === "" ? text : text.replaceAll(service.apiKey, "[key]");
  return clean.slice(0, 500);
}

function meaningOf(httpStatus: number, error: ServiceError | undefined): Meaning {
  const said = error ? `${error.code} ${error.message}` : "";
  const status = httpStatus < 300 ? statusMeant(error?.code ?? "", error?.message ?? "") : httpStatus;
  const refused = refusalMeant(status, said);
  if (refused) return refused;
  if (ambiguousStatuses.includes(status)) return { outcome: "unknown" };
  if (status < 500) return { outcome: "refused", refusedFor: "request" };
  // From 520 on the statuses are Cloudflare's: no service speaks through them.
  const isOwn = httpStatus < 300 || error?.own === true;
  return { outcome: isOwn && status < 520 ? "failed" : "unknown" };
}

/** The meaning of what says by its status or its words who must act; undefined for anything else. */
function refusalMeant(status: number, said: string): Meaning | undefined {
  if (status === 451 || moderationSigns.test(said)) return { outcome: "moderated" };
  if (status === 402 || moneySigns.test(said)) return { outcome: "refused", refusedFor: "money" };
  if (status === 401 || status === 403) return { outcome: "refused", refusedFor: "key" };
  return status === 429 ? { outcome: "refused", refusedFor: "rate" } : undefined;
}

/** The status that an error under a status of success should have had. */
function statusMeant(code: string, message: string): number {
  const number = Number(code);
  if (number >= 400 && number < 600) return number;
  const said = `${code} ${message}`;
  if (keySigns.test(said)) return 401;
  if (rateSigns.test(said)) return 429;
  return requestSigns.test(code) ? 400 : 500;
}

/** `{error: {code, message}}`, `{error: "..."}`, `{code, message}` and the like; gateways write only `{message}` or `{detail}`. */
function serviceError(answer: Json | undefined): ServiceError | undefined {
  const body = errorLayer(answer) ?? answer;
  if (!isObject(body)) return undefined;
  const inner = body.error;
  if (typeof inner === "string" && inner !== "")
    return { code: text(body.code), message: inner, parameter: undefined, own: true };
  const from = isObject(inner) ? inner : body;
  const code = text(from.code) || text(from.type);
  const message = text(from.message) || text(from.msg) || detailOf(from.detail) || text(from.fail_reason);
  const parameter = text(from.param).slice(0, 100) || undefined;
  if (code === "" && message === "") return undefined;
  return { code, message, parameter, own: from === inner || body.success === false || text(body.code) !== "" };
}

/** Gateways in Python list what is wrong: `[{"loc": ["body", "stream"], "msg": "Extra inputs are not permitted"}]`. */
function detailOf(value: Json | undefined): string {
  const [first] = Array.isArray(value) ? value : [];
  if (!isObject(first)) return text(value);
  const place = Array.isArray(first.loc) ? first.loc.map((part) => text(part)).join(".") : "";
  return [place, text(first.msg)].filter(Boolean).join(": ");
}

function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** At most a day: who asks for more means that it does not want to be asked. */
function retryAfterMs(headers: BadAnswer["headers"]): number | undefined {
  const wait = waitTold(headers);
  return wait === undefined ? undefined : Math.min(wait, longestWaitMs);
}

function waitTold(headers: BadAnswer["headers"]): number | undefined {
  const exact = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (exact >= 0) return exact;
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // A date counts from the service's own clock, which may differ from ours.
  const wait = Date.parse(value) - Date.parse(String(headers.date));
  return wait >= 0 ? wait : undefined;
}
