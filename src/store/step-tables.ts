/** The table of workflow steps. */
export interface StepTables {
  workflow_step: WorkflowStepRow;
}

/** A step of a workflow: ended once, whatever becomes of the process that took it. */
export interface WorkflowStepRow {
  /** The platform's key of the execution, which is the inbound key of its job. */
  id: string;
  platform: string;
  tenant: string;
  /** Whose words `event` holds; null once it was started, or where nobody asked. */
  member: string | null;
  /** The platform's own JSON; empty once it was started. */
  event: string;
  /** Where the platform announced the job, its own JSON. */
  waiting: string | null;
  /** `open` has a job that is not told yet; `refused` came to none. */
  phase: "received" | "open" | "refused" | "ended";
  job: string | null;
  /** The sentence that says why there is no job; empty when it was erased. */
  error: string | null;
  received_at: number;
  ended_at: number | null;
  /** Grows with every claim. */
  fence: number;
  lease_until: number | null;
  due_at: number;
  tries: number;
}
