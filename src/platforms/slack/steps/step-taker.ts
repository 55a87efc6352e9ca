import type { StepTaker } from "../../../contract/steps.ts";
import type { SlackContext } from "../context.ts";
import { endStep } from "./end-step.ts";
import { startStep } from "./start-step.ts";

/** Starts and ends steps of workflows for whichever process works. */
export function stepTaker(slack: SlackContext): StepTaker {
  return { startStep: (step) => startStep(slack, step), endStep: (end) => endStep(slack, end) };
}
