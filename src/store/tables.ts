/** Times are milliseconds since 1970, money is whole credits, `json` marks text that holds JSON. */
export interface Tables {
  account: AccountRow;
  transfer: TransferRow;
  job: JobRow;
  attempt: AttemptRow;
  artifact: ArtifactRow;
  delivery: DeliveryRow;
  callback: CallbackRow;
}

type Json = string;

/** queued -> running -> delivering -> delivered | undeliverable; running -> queued | failed; queued -> cancelled. */
export type JobState = "queued" | "running" | "delivering" | "delivered" | "undeliverable" | "failed" | "cancelled";

/** A balance, kept beside the transfers that it sums up. */
export interface AccountRow {
  id: string;
  balance: number;
  /** The UTC day of the last top-up, `2026-11-20`. */
  topped_up_on: string | null;
}

/** One movement of credits; append-only (a trigger refuses anything else). */
export interface TransferRow {
  id: string;
  debit: string;
  credit: string;
  amount: number;
  kind: "top-up" | "grant" | "hold" | "release" | "capture";
  job: string | null;
  at: number;
  /** The same movement is never made twice. */
  idem: string;
}

export interface JobRow {
  id: string;
  inbound: string;
  platform: string;
  tenant: string;
  member: string;
  member_name: string;
  locale: string;
  /** Where the result goes; the platform's own. */
  place: Json;
  parent: string | null;
  state: JobState;
  /** Grows with every claim; a change made under an older one is refused. */
  fence: number;
  lease_owner: string | null;
  lease_until: number | null;
  run_at: number;
  request: Json;
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
}

/** One paid call. `sending` is committed before its first byte leaves. */
export interface AttemptRow {
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
  /** What the service said that it charged, in credits. */
  cost: number | null;
  /** SHA-256 of the secret in the address where the service may call back. */
  callback_hash: string | null;
  /** For the operator; never shown to members. */
  message: string | null;
  created_at: number;
  sent_at: number | null;
  ended_at: number | null;
}

/** One image that a job yielded; the bytes lie in the spool. */
export interface ArtifactRow {
  job: string;
  idx: number;
  attempt: string;
  file: string;
  sha256: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
}

/** One post to a channel: the result of a job, or the news that there is none. */
export interface DeliveryRow {
  job: string;
  phase: "pending" | "sending" | "confirmed";
  fence: number;
  lease_owner: string | null;
  lease_until: number | null;
  run_at: number;
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
