import type { Outcome } from "../errors.ts";
import type { Credits } from "../request.ts";
import type { JobState } from "./usecases.ts";

/** Hears what happens, for metrics; must not throw. */
export interface Observer {
  /** One paid call ended after `ms`. */
  callEnded(facts: { provider: string; outcome: Outcome | "success"; ms: number }): void;
  /** One job reached a final state; `waitedMs` is from accepted to started. */
  jobEnded(facts: { platform: string; state: JobState; waitedMs: number; charged: Credits }): void;
  /** A member got everything back for a call that may have cost `estimate`; `remarkable` when that one had many in a day. */
  unknown(facts: { provider: string; estimate: Credits; remarkable: boolean }): void;
  /** Images of a call that had been given up came after all, and are posted free of charge. */
  cameLate(facts: { provider: string; goodwill: Credits }): void;
  /** A job ended that nobody paid for: posted nowhere, come late, or of unknown outcome. */
  unpaid?(facts: { reason: "undeliverable" | "late" | "unknown" }): void;
  /** A member was refused for having too many of them within a day. */
  refusedUnpaid?(): void;
  /** Four fifths of a budget are spent. */
  budgetLow(facts: { scope: "tenant" | "global" }): void;
  /** A member's command was acknowledged after `ms`. */
  acknowledged(facts: { platform: string; ms: number }): void;
  /** An event was not acknowledged, so nothing was started: `code` is the platform's own, such as Discord's 10062 and 40060. */
  unacknowledged?(facts: { platform: string; code: number }): void;
}
