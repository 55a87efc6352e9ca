import type { Change, Credits, Payer, Request, Tier } from "../request.ts";
import type { JobRow, JobState } from "../store/tables.ts";

/** A job as the store has it: the queue's entry and the record of the generation in one. */
export interface Job {
  readonly id: string;
  readonly inbound: string;
  readonly platform: string;
  readonly tenant: string;
  readonly member: string;
  readonly memberName: string;
  readonly locale: string;
  readonly replyTarget: string;
  readonly parent: string | undefined;
  readonly state: JobState;
  /** The number of the claim that this was read under. */
  readonly fence: number;
  readonly request: Request;
  readonly changes: readonly Change[];
  readonly provider: string;
  readonly tier: Tier | undefined;
  readonly unit: Credits;
  readonly held: Credits;
  readonly charged: Credits | undefined;
  /** The use case's own JSON. */
  readonly failure: string | undefined;
  readonly createdAt: number;
  /** It is not claimed before this, milliseconds since 1970; 0 at first. */
  readonly runAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** When its prompt, files and names were deleted. */
  readonly erasedAt: number | undefined;
  /** When it ended without anybody paying for what was drawn, or may have been; undefined once somebody did. */
  readonly unpaidAt: number | undefined;
  /** The id of the first job of the batch that it is a part of, and its place there, from 0. */
  readonly batch?: string | undefined;
  readonly batchIndex?: number | undefined;
  /** Absent: the operator. */
  readonly payer?: Payer | undefined;
}

export type NewJob = Omit<
  Job,
  "state" | "fence" | "runAt" | "charged" | "failure" | "startedAt" | "finishedAt" | "erasedAt" | "unpaidAt"
>;

export function jobFrom(row: JobRow): Job {
  return {
    id: row.id,
    inbound: row.inbound,
    platform: row.platform,
    tenant: row.tenant,
    member: row.member,
    memberName: row.member_name,
    locale: row.locale,
    replyTarget: row.reply_target,
    parent: row.parent ?? undefined,
    state: row.state,
    fence: row.fence,
    request: JSON.parse(row.request) as Request,
    changes: JSON.parse(row.changes) as Change[],
    provider: row.provider,
    tier: (row.tier as Tier | null) ?? undefined,
    unit: row.unit,
    held: row.held,
    charged: row.charged ?? undefined,
    failure: row.failure ?? undefined,
    createdAt: row.created_at,
    runAt: row.run_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    erasedAt: row.erased_at ?? undefined,
    unpaidAt: row.unpaid_at ?? undefined,
    batch: row.batch ?? undefined,
    batchIndex: row.batch_index ?? undefined,
    payer: row.payer,
  };
}

/** The credits that were held for it. */
export const holdOf = ({ id, held, createdAt, payer }: NewJob) => ({ job: id, amount: held, at: createdAt, payer });

/** A request as it is stored, with what queries look for in columns of their own. */
export function requestColumns(request: Request) {
  return {
    request: JSON.stringify(request),
    quality: request.quality,
    image_count: request.count,
    prompt_folded: foldCase(request.prompt),
  };
}

/** The same text for all cases of its letters. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** A file that a request starts from. */
interface Input {
  /** Its key in the spool. */
  readonly file: string;
  /** 0 for what the bot made itself. */
  readonly bytes: number;
}

/** The files that a request starts from, each once. */
export function inputsOf({ references, mask }: Pick<Request, "references" | "mask">): Input[] {
  const files = new Map([...references, ...(mask ? [mask] : [])].map(({ file, bytes }) => [file, bytes]));
  return [...files].map(([file, bytes]) => ({ file, bytes: file.startsWith("inputs/") ? bytes : 0 }));
}

/** A job that is ready to be claimed at once, or waits for approval. */
export function rowOf(job: NewJob, state: "queued" | "awaiting" = "queued"): JobRow {
  return {
    id: job.id,
    inbound: job.inbound,
    platform: job.platform,
    tenant: job.tenant,
    member: job.member,
    member_name: job.memberName,
    locale: job.locale,
    reply_target: job.replyTarget,
    parent: job.parent ?? null,
    state,
    fence: 0,
    lease_owner: null,
    lease_until: null,
    run_at: 0, // at once, even if the clock is set back meanwhile
    requeues: 0,
    turn: 0,
    ...requestColumns(job.request),
    changes: JSON.stringify(job.changes),
    provider: job.provider,
    tier: job.tier ?? null,
    unit: job.unit,
    held: job.held,
    charged: null,
    failure: null,
    created_at: job.createdAt,
    started_at: null,
    finished_at: null,
    erased_at: null,
    unpaid_at: null,
    goodwill: 0,
    batch: job.batch ?? null,
    batch_index: job.batchIndex ?? null,
    payer: job.payer ?? "operator",
  };
}
