import type { Outcome } from "../errors.ts";
import type { Credits } from "../request.ts";
import type { JobState } from "./usecases.ts";

/** Is told what happens, for metrics; must not throw. */
export interface Observer {
  /** One paid call ended after `ms`. */
  callEnded(facts: { provider: string; outcome: Outcome | "success"; ms: number }): void;
  /** One job reached a final state; `waitedMs` is from accepted to started. */
  jobEnded(facts: { platform: string; state: JobState; waitedMs: number; charged: Credits }): void;
  /** A member's command was acknowledged after `ms`. */
  acknowledged(facts: { platform: string; ms: number }): void;
}
