import type { JobView } from "./usecases.ts";

/** A step of a workflow that a platform has taken, before it is acknowledged. */
export interface NewStep {
  /** The platform's key of the execution: the same never makes a second job. */
  readonly id: string;
  readonly platform: string;
  readonly tenant: string;
  /** Who started it, where somebody did. */
  readonly member?: string | undefined;
  /** The platform's own JSON, without secrets. */
  readonly event: string;
}

/** Takes steps from platforms; whichever process works for them starts them and tells their ends. */
export interface StepInbox {
  /** Does nothing when it is there already. */
  add(step: NewStep): Promise<void>;
}

/** A step that is to be started; perhaps not for the first time. */
export interface StepStart extends Pick<NewStep, "id" | "tenant" | "event"> {
  /** The value that `keepWaiting` was given at an earlier try. */
  readonly waiting?: string | undefined;
  /** Writes down where the job was announced, the platform's own JSON. */
  keepWaiting(waiting: string): Promise<void>;
}

/** The id of the job that a step came to, or the sentence that says why it came to none. */
export type StepStarted = { readonly job: string } | { readonly refused: string };

/** The end of a step that its platform is to be told. */
export interface StepEnd extends Pick<NewStep, "id" | "tenant"> {
  readonly outcome:
    | { readonly refused: string }
    /** It has ended; `messages` are the keys that its delivery gave. Undefined: there is nothing left of it. */
    | { readonly job: JobView | undefined; readonly messages: readonly string[] };
}

/** Takes steps of workflows. Both calls are repeatable, and throw DeliveryDelayed for what may be tried again. */
export interface StepTaker {
  startStep(step: StepStart): Promise<StepStarted>;
  endStep(end: StepEnd): Promise<void>;
}
