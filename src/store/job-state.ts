/** awaiting -> queued | failed | cancelled; queued -> running -> delivering -> delivered | undeliverable; running -> queued | failed | cancelled; queued -> cancelled; failed -> delivering (a late result); undeliverable -> delivered (somebody saw the images). */
export type JobState =
  | "awaiting"
  | "queued"
  | "running"
  | "delivering"
  | "delivered"
  | "undeliverable"
  | "failed"
  | "cancelled";
