import type { Credits } from "./request.ts";

/** Every reason for which the bot says no on purpose, with the facts that its sentence needs. Worded only in src/text. */
export interface RefusalFacts {
  "prompt-empty": object;
  "prompt-too-long": { length: number; limit: number };
  "size-unknown": { size: string };
  "size-unsupported": { size: string; provider: string; allowed: readonly string[]; nearest?: string | undefined };
  "count-out-of-range": { count: number; max: number };
  "option-unknown": { option: string; value: string; allowed: readonly string[] };
  /** `able` are the services here that can; where none can, `others` are services that the operator could add. */
  "option-unsupported": {
    option: string;
    value: string;
    provider: string;
    able?: readonly string[];
    others?: readonly string[];
  };
  /** Nothing can be transparent in a JPEG. */
  "transparent-in-jpeg": object;
  "compression-out-of-range": { compression: number; max: number };
  "too-many-references": { count: number; max: number };
  "references-unsupported": { provider: string };
  "mask-unsupported": { provider: string };
  "mask-without-image": object;
  "mask-unusable": { why: "no-transparency" | "all-opaque" };
  "image-unreadable": { filename: string };
  /** `format` is the name of what it is, where that is known. */
  "image-format": { filename: string; format?: string };
  "image-too-large": { filename: string; limitMegabytes: number };
  "image-too-many-pixels": { filename: string; limitMegapixels: number };
  "image-unreachable": { filename: string };
  /** It is not on the platform any more, or not there for us; `scope`: the app lacks the right to read files. */
  "image-unavailable": { filename: string; why: "deleted" | "unseen" | "hidden" | "external" | "denied" | "scope" };
  "provider-unknown": { provider: string; allowed: readonly string[] };
  "no-service": object;
  /** `date` is the first day on which the model answers nobody, as `2026-12-01`. */
  "service-ended": { provider: string; model: string; date: string };
  "not-enough-credits": { needed: Credits; available: Credits; renewsAt: number };
  /** `wanted` jobs were asked for at once, of a batch. */
  "too-many-queued": { limit: number; wanted?: number };
  /** A batch of so many images, where at most `limit` are allowed. */
  "batch-too-large": { count: number; limit: number };
  /** A message of a batch shows so many images: nobody said which is meant. */
  "batch-which-image": { numbers: readonly number[] };
  /** Its service has trouble, or its account is empty: it is not asked. */
  "service-resting": { provider: string };
  "service-empty": { provider: string };
  /** It is called by keys of tenants only, and the tenant has none for it. */
  "own-key-needed": { provider: string };
  /** The tenant's key for it cannot be opened any more: the operator changed the secret. */
  "own-key-unreadable": { provider: string };
  /** The operator has not switched on that tenants bring keys. */
  "own-keys-off": object;
  "own-key-shape": { why: "empty" | "long" | "spaces" | "signs" | "quotes" };
  /** The service was asked, and does not accept the key. */
  "own-key-refused": { provider: string };
  "own-key-none": { provider: string };
  "too-many-unpaid": { limit: number };
  /** Files brought within an hour, taken or not. */
  "upload-quota": { limitMegabytes: number; renewsAt: number };
  /** Files kept until so many days after their jobs; 0: for ever. */
  "storage-quota": { limitMegabytes: number; days: number };
  "tenant-budget-spent": { limit: Credits; left: Credits; renewsAt: number };
  /** Nobody started the workflow, and nothing is set aside for its steps. */
  "steps-budget-unset": object;
  "steps-budget-spent": { limit: Credits; left: Credits; renewsAt: number };
  /** It costs more than whoever pays spends without being asked. */
  "step-too-dear": { total: Credits; limit: Credits };
  /** Nobody started the workflow: its image needs a channel. */
  "step-needs-channel": object;
  /** A file that neither whoever started the workflow nor everybody may see. */
  "step-file-closed": { file: string };
  /** Words that name nothing to start from. */
  "step-reference-unknown": { words: string };
  "global-budget-spent": { left: Credits; renewsAt: number };
  "disk-full": object;
  "job-unknown": object;
  "job-not-yours": object;
  "job-has-no-images": object;
  "description-too-long": { length: number; limit: number };
  "too-late-to-cancel": object;
  "already-largest": object;
  /** `reserved` is a name that means no style. */
  "style-name": { name: string; limit: number; reserved: string };
  "style-unknown": { name: string; known: readonly string[] };
  "style-empty": object;
  "style-image-not-yours": object;
  "too-many-styles": { limit: number };
  "reference-name": { name: string; limit: number };
  "reference-unknown": { name: string; known: readonly string[] };
  /** A word behind an @ in a prompt that is nearly the name of a saved image. */
  "reference-misspelt": { name: string; similar: string };
  /** Saved images that find no room among `max` references. */
  "references-full": { names: readonly string[]; max: number };
  /** The job started from saved images that the caller has no right to. */
  "reference-not-yours": { names: readonly string[] };
  "too-many-saved-images": { limit: number; shared: boolean };
  "image-number-unknown": { number: number; count: number };
  /** It is no draft, or no service here draws at a higher quality. */
  "no-final": object;
  "operators-only": object;
  "admins-only": object;
  paused: { reason: string };
  "tenant-not-allowed": object;
  "member-blocked": object;
  "channel-not-allowed": { channels: readonly string[] };
  "role-not-allowed": { roles: readonly string[] };
  "word-blocked": { word: string };
  "mature-only": object;
  /** `everywhere`: the limit holds over all tenants together. */
  "member-daily-spent": { limit: Credits; left: Credits; renewsAt: number; everywhere: boolean };
  "amount-out-of-range": { amount: number; min: number; max: number };
  "member-unknown": { member: string };
  "grant-key-taken": { key: string };
  "grant-unknown": { key: string };
  "attempt-unknown": object;
  "job-not-finished": object;
  "job-erased": object;
  "confirmation-closed": object;
  "confirmation-not-yours": object;
  "confirmation-answered": object;
  "approval-unknown": object;
  /** `approvers` are role keys and member keys; empty: those who manage the tenant. */
  "approval-not-yours": { approvers: readonly string[] };
  "approval-own": object;
  /** `by` is the name of who decided. */
  "approval-decided": { decision: "approved" | "refused" | "expired" | "withdrawn"; by?: string | undefined };
  /** Its member may not make images any more. */
  "approval-blocked": object;
  "approval-needs-limit": object;
  /** The bot has not these permissions there. */
  "channel-permissions": { channel: string; lacking: readonly ChannelPermission[] };
  /** `tags`: posts there need one of the tags that an admin made, and there is none that the bot may use. */
  "channel-closed": { channel: string; why: "gone" | "forbidden" | "tags" | "away" };
  /** Neither where it was asked for nor to the member alone. */
  "nowhere-to-post": object;
  "price-risen": { confirmed: Credits; total: Credits };
  /** Nobody can reach the pages of this installation. */
  "no-pages": object;
  "link-unknown": object;
  "link-used": object;
  "link-late": object;
  "visit-over": object;
  "visit-not-yours": object;
  "setting-unknown": { setting: string; value: string };
}

/** A permission in a channel: to see it, to write there, to write in its threads, to attach files. */
export type ChannelPermission = "view" | "send" | "threads" | "attach";

export type RefusalCode = keyof RefusalFacts;

/** The bot says no on purpose: nothing was held, sent or charged. */
export class Refusal<Code extends RefusalCode = RefusalCode> extends Error {
  readonly code: Code;
  readonly facts: RefusalFacts[Code];

  constructor(code: Code, facts: RefusalFacts[Code]) {
    super(code);
    this.name = "Refusal";
    this.code = code;
    this.facts = facts;
  }
}

/**
 * Tells what a paid call came to:
 * `not-sent` no byte of it left, may be sent again; `refused` the service declined it (key, money, rate, parameters);
 * `moderated` the service declined its content; `failed` the service says in its own words that it failed, unbilled;
 * `unknown` it may have run and been billed; `damaged` it was answered, and billed, but its images cannot be read.
 */
export type Outcome = "not-sent" | "refused" | "moderated" | "failed" | "unknown" | "damaged";

/**
 * Who must act on a refusal by a service: the operator (`key`, `money`), time (`rate`), the request (`request`), or this
 * program, which leaves out an `option` that the service does not take. Those who manage a tenant where the job was to be
 * paid by its own key: it was refused (`own-key`), has no money (`own-money`), or is not there any more (`own-gone`).
 */
export type RefusedFor =
  | "key"
  | "money"
  | "rate"
  | "request"
  | "option"
  | "gone"
  | "own-key"
  | "own-money"
  | "own-gone";

export interface ProviderErrorDetails {
  readonly cause?: unknown;
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  readonly refusedFor?: RefusedFor | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The service's own id of the call, for its support desk. */
  readonly reference?: string | undefined;
  /** The parameter that the service says is wrong. */
  readonly parameter?: string | undefined;
  /** The format of what came in place of an image: `SVG`. */
  readonly format?: string | undefined;
}

/** A paid call that did not end in images; what it means is decided here, once. `message` is for the log, never for a member. */
export class ProviderError extends Error {
  readonly provider: string;
  readonly outcome: Outcome;
  readonly status: number | undefined;
  readonly refusedFor: RefusedFor | undefined;
  readonly retryAfterMs: number | undefined;
  readonly reference: string | undefined;
  readonly parameter: string | undefined;
  readonly format: string | undefined;

  constructor(provider: string, outcome: Outcome, message: string, details: ProviderErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "ProviderError";
    this.provider = provider;
    this.outcome = outcome;
    this.status = details.status;
    this.refusedFor = details.refusedFor;
    this.retryAfterMs = details.retryAfterMs;
    this.reference = details.reference;
    this.parameter = details.parameter;
    this.format = details.format;
  }
}
