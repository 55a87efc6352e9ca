import type { Payer } from "../request.ts";

/**
 * The tables of what was used, summed up; kept by triggers, see migrations/0028-usage.ts and 0030-member-totals.ts. They count jobs that have ended,
 * and what services charged for all; days are UTC days since 1970, of the creation of the jobs.
 */
export interface UsageTables {
  daily_usage: DailyUsageRow;
  member_day_usage: MemberDayUsageRow;
  member_usage: MemberUsageRow;
  member_total: MemberTotalRow;
}

interface Counts {
  jobs: number;
  images: number;
  charged: number;
  spent: number;
}

interface DailyUsageRow extends Counts {
  tenant: string;
  day: number;
  service: string;
  payer: Payer;
  /** Which of the figures that add up to the day's: members write to different ones, and need not wait for each other. */
  part: number;
}

interface MemberDayUsageRow extends Counts {
  tenant: string;
  day: number;
  member: string;
}

interface MemberUsageRow extends MemberTotalRow {
  tenant: string;
}

/** A member in all places together. */
interface MemberTotalRow {
  member: string;
  /** The last that a job of theirs still has; empty: none. */
  name: string;
  jobs: number;
  charged: number;
}
