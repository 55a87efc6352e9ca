import type { Credits } from "../request.ts";
import type { Decision } from "../store/approval-tables.ts";
import type { ApprovalRule } from "./settings.ts";
import type { Caller, JobView } from "./usecases.ts";

export type { Decision };

/** The question whether a job may be made, as approvers see it. */
export interface ApprovalView {
  /** Its prompt is empty where it is not for approvers to read, and once the question was answered. */
  readonly job: JobView;
  readonly above: Credits;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Undefined while nobody answered. */
  readonly decision?: Decision | undefined;
  /** The name of who answered; undefined where nobody did. */
  readonly by?: string | undefined;
}

/** A change of the rule; keys that are absent stay. */
export interface ApprovalChange {
  /** Null: nothing needs approval any more. */
  readonly above?: Credits | null | undefined;
  readonly channel?: string | undefined;
  /** Role keys or member keys. */
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly own?: boolean | undefined;
}

/** The rule of a tenant, and how it works out. */
export interface ApprovalStatus {
  readonly rule?: ApprovalRule | undefined;
  /** Why the last question could not be posted in its channel. */
  readonly closed?: string | undefined;
}

/** Everything about orders that somebody must approve. Each call throws Refusal. */
export interface ApprovalUseCases {
  /**
   * Answers the question whether a job may be made; only the first answer counts, and the same answer again by the same
   * member changes nothing. Throws `approval-unknown`, `approval-not-yours`, `approval-own`, `approval-decided`,
   * `approval-blocked`.
   */
  decide(job: string, approves: boolean, caller: Caller): Promise<ApprovalView>;
  /** Open questions of the caller's tenant, oldest first. Throws `approval-not-yours`. */
  open(caller: Caller): Promise<readonly ApprovalView[]>;
  /**
   * Shows the rule, or changes it; a channel is written to at once, so that whoever names one that is closed to the bot
   * hears of it. Throws `admins-only`, `channel-closed`, `approval-needs-channel`.
   */
  rule(change: ApprovalChange | undefined, caller: Caller): Promise<ApprovalStatus>;
}
