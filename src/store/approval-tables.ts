/** The tables of jobs that wait for approval, and of messages in channels that admins named. */
export interface ApprovalTables {
  approval: ApprovalRow;
  channel_message: ChannelMessageRow;
  service_outage: ServiceOutageRow;
}

/** The end of the question whether a job may be made; `withdrawn` by its member, or with the job. */
export type Decision = "approved" | "refused" | "expired" | "withdrawn";

/** The question whether a job may be made; answered once. */
export interface ApprovalRow {
  job: string;
  tenant: string;
  /** The limit that the job passed, in credits. */
  above: number;
  asked_at: number;
  expires_at: number;
  decision: Decision | null;
  decided_at: number | null;
  /** Who answered; null when nobody did. */
  decided_by: string | null;
  decided_name: string | null;
}

/** A message of the bot's own in a channel; posted once, and edited whenever what it tells changes. */
export interface ChannelMessageRow {
  id: string;
  platform: string;
  tenant: string;
  /** The platform's channel id. */
  channel: string;
  locale: string;
  kind: string;
  /** The job or whatever else it is about. */
  subject: string;
  /** The use case's own JSON. */
  facts: string;
  created_at: number;
  /** Grows with each change of what it is to tell. */
  wanted: number;
  /** The change that it tells now; 0 before it was posted. */
  shown: number;
  /** The platform's key of the message. */
  message: string | null;
  /** Grows with every claim. */
  fence: number;
  lease_until: number | null;
  due_at: number;
  tries: number;
  /** Why it could not be posted for good. */
  closed: string | null;
}

/** A time in which a service does not work, as all processes see it. */
interface ServiceOutageRow {
  service: string;
  trouble: "account" | "resting";
  began_at: number;
  /** When some process saw it last. */
  seen_at: number;
  /** 1 once somebody was told. */
  alerted: number;
}
