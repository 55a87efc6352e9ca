/** The tables that tell a claim who waits. */
export interface WaitingTables {
  waiting_member: WaitingMemberRow;
  served_tenant: ServedTenantRow;
}

/** A member with queued jobs, kept by triggers: the first of them, with what a claim looks at. */
interface WaitingMemberRow {
  member: string;
  tenant: string;
  platform: string;
  provider: string;
  run_at: number;
  created_at: number;
  /** 1 when the first job went back to the queue before. */
  retried: number;
  /** The first job, and the one after it. */
  head: string;
  next: string | null;
  /** When a job of the member was started last; 0 when none was. */
  served_at: number;
}

/** A tenant of which a job was started, kept by triggers. */
interface ServedTenantRow {
  tenant: string;
  /** When the last one was. */
  served_at: number;
}
