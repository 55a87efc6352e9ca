import type { Generated } from "kysely";
import type { ApprovalTables } from "./approval-tables.ts";
import type { ArtifactRow } from "./artifact-tables.ts";
import type { BatchColumns } from "./batch-columns.ts";
import type { DepartureTables } from "./departure-tables.ts";
import type { JobState } from "./job-state.ts";
import type { ReferenceTables } from "./reference-tables.ts";
import type { StepTables } from "./step-tables.ts";
import type { StyleTables } from "./style-tables.ts";
import type { KeyColumn, PayerColumn, TenantKeyTables } from "./tenant-key-tables.ts";
import type { UsageTables } from "./usage-tables.ts";
import type { VisitTables } from "./visit-tables.ts";

export type { JobState } from "./job-state.ts";

/** Times are milliseconds since 1970, money is whole credits, `json` marks text that holds JSON. */
export interface Tables
  extends StyleTables,
    ReferenceTables,
    VisitTables,
    ApprovalTables,
    DepartureTables,
    TenantKeyTables,
    StepTables,
    UsageTables {
  account: AccountRow;
  transfer: TransferRow;
  job: JobRow;
  attempt: AttemptRow;
  artifact: ArtifactRow;
  delivery: DeliveryRow;
  callback: CallbackRow;
  setting: SettingRow;
  audit_entry: AuditEntryRow;
  posted_message: PostedMessageRow;
  daily_spending: DailySpendingRow;
  job_input: JobInputRow;
  confirmation: ConfirmationRow;
  confirmation_input: ConfirmationInputRow;
  task_lease: TaskLeaseRow;
  installation: InstallationRow;
  secret: SecretRow;
  intake: IntakeRow;
  outside_grant: OutsideGrantRow;
}

type Json = string;

/** A balance, kept beside the transfers that it sums up. */
export interface AccountRow {
  id: string;
  balance: number;
  /** The UTC day of the last top-up, `2026-11-20`. */
  topped_up_on: string | null;
  /** The allowance of that top-up. */
  topped_up_to: number | null;
}

/** One movement of credits; append-only (a trigger refuses anything else). */
export interface TransferRow {
  id: string;
  debit: string;
  credit: string;
  amount: number;
  kind:
    | "top-up"
    | "grant"
    /** A grant from outside, taken back as far as the member still had it. */
    | "reversal"
    | "hold"
    | "release"
    | "capture"
    /** The price that a service charged, or is taken to have charged. */
    | "spend"
    /** A call that may have been charged; later moved by `billed` or `not-billed`. */
    | "unknown"
    | "billed"
    | "not-billed"
    /** Images that the operator paid for and nobody else. */
    | "goodwill";
  job: string | null;
  at: number;
  /** The same movement is never made twice. */
  idem: string;
}

export interface JobRow extends BatchColumns, PayerColumn {
  id: string;
  inbound: string;
  platform: string;
  tenant: string;
  member: string;
  member_name: string;
  locale: string;
  /** Where the result goes; the platform's own. */
  reply_target: Json;
  parent: string | null;
  state: JobState;
  /** Grows with every claim; a change made under an older one is refused. */
  fence: number;
  lease_owner: string | null;
  lease_until: number | null;
  run_at: number;
  /** How often it went back to the queue. */
  requeues: number;
  /** When its member was served last, once it is among the first of the member's queue; see jobs/turns.ts. */
  turn: number | null;
  request: Json;
  /** The parts of the request that queries look for. */
  quality: string;
  image_count: number;
  /** The prompt without regard to case; empty once the job is erased. */
  prompt_folded: string;
  changes: Json;
  provider: string;
  tier: string | null;
  unit: number;
  held: number;
  charged: number | null;
  failure: Json | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  /** When its prompt, files and names were deleted. */
  erased_at: number | null;
  /** When it ended without anybody paying for what was drawn, or may have been; null once somebody did. */
  unpaid_at: number | null;
  /** The operator paid in the member's place for images that came late. */
  goodwill: number;
}

/** One paid call. `sending` is committed before its first byte leaves. */
export interface AttemptRow extends KeyColumn {
  id: string;
  job: string;
  n: number;
  provider: string;
  /** Images asked for by this call. */
  asked: number;
  phase: "intent" | "sending" | "ended";
  /** `success`, or the outcome of the ProviderError. */
  outcome: string | null;
  /** The service's own id of the call. */
  reference: string | null;
  status: number | null;
  /** The charge that the service reported, in credits. */
  cost: number | null;
  /** SHA-256 of the secret in the address where the service may call back. */
  callback_hash: string | null;
  /** For the operator; never shown to members. */
  message: string | null;
  /** The cost by the service's price list, in credits, without markup. */
  estimate: number | null;
  /** How the operator settled an unknown outcome. */
  settled: "billed" | "not-billed" | null;
  settled_at: number | null;
  settled_by: string | null;
  created_at: number;
  sent_at: number | null;
  ended_at: number | null;
}

/** One post to a channel: the result of a job, or the news that there is none. */
export interface DeliveryRow {
  job: string;
  phase: "pending" | "sending" | "confirmed";
  fence: number;
  lease_owner: string | null;
  lease_until: number | null;
  due_at: number;
  tries: number;
  route: string | null;
  /** The platform's id of the posted message. */
  message: string | null;
  confirmed_at: number | null;
}

/** A body that somebody posted to the address of a call: untrusted. */
export interface CallbackRow {
  id: string;
  attempt: string;
  body: Json;
  at: number;
}

/** One document a scope: `operator`, `tenant:discord:guild:1`, `member:discord:7`. */
export interface SettingRow {
  id: string;
  value: Json;
  changed_at: number;
}

/** An action of somebody with rights; never changed. */
export interface AuditEntryRow {
  id: string;
  at: number;
  /** The member key of who did it. */
  operator: string;
  name: string;
  tenant: string;
  subject: string;
  facts: Json;
}

/** A message that shows images of a job. */
export interface PostedMessageRow {
  /** The platform's own key of the message, unique over all platforms. */
  message: string;
  job: string;
}

/** The credits that the jobs of a tenant and a day cost or hold; triggers keep it. */
export interface DailySpendingRow {
  tenant: string;
  /** UTC days since 1970, of the creation of the jobs. */
  day: number;
  /** Which of the figures that add up to the day's; from 16 on those of jobs that the tenant pays by keys of its own. */
  part: number;
  amount: number;
}

/** A member's image, or a mask, that a job starts from. */
export interface JobInputRow {
  job: string;
  /** Its key in the spool. */
  file: string;
  /** Whose quota it counts against; empty for files of earlier versions. */
  member: Generated<string>;
  /** 0 for what the bot made itself. */
  bytes: Generated<number>;
}

/** A request that waits for its member's yes. */
export interface ConfirmationRow {
  id: string;
  member: string;
  asked_at: number;
  /** The use case's own. */
  document: Json;
}

export interface ConfirmationInputRow {
  confirmation: string;
  file: string;
  bytes: Generated<number>;
}

/** A file that a member brought, for an hour. */
export interface IntakeRow {
  id: string;
  member: string;
  at: number;
  /** As they came, whether the file was taken or refused. */
  bytes: number;
  /** Its key in the spool, while nothing else says that it is needed. */
  file: string | null;
}

/** A task that one process at a time does. */
export interface TaskLeaseRow {
  task: string;
  lease_until: number;
}

/** The credentials of one installation in a workspace, sealed. */
export interface InstallationRow {
  id: string;
  sealed: string;
  changed_at: number;
}

/** A secret of the bot's own, which its processes share. */
export interface SecretRow {
  name: string;
  value: string;
  made_at: number;
}

/** Credits that were paid for outside; erased with its member, but for the key. */
export interface OutsideGrantRow {
  /** The payment, as the source names it. */
  key: string;
  source: string;
  member: string;
  amount: number;
  note: string;
  at: number;
  reversed_at: number | null;
  taken_back: number;
}
