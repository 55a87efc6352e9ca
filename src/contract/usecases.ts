import type { Outcome, RefusedFor } from "../errors.ts";
import type { IncomingImage, ShownImage, StoredImage } from "../image.ts";
import type { Change, Credits, Request, Tier } from "../request.ts";
import type { JobState } from "../store/tables.ts";
import type { AdminUseCases } from "./admin.ts";
import type { AlertChannel } from "./alerts.ts";
import type { ApprovalUseCases } from "./approvals.ts";
import type { BatchPlace, BatchUseCases } from "./batches.ts";
import type { DescriptionUseCases } from "./descriptions.ts";
import type { Order, SubmitOptions, Submitted } from "./orders.ts";
import type { ReferenceUseCases } from "./references.ts";
import type { MemberSettings } from "./settings.ts";
import type { StyleUseCases } from "./styles.ts";
import type { VisitUseCases } from "./visits.ts";

export type * from "./admin.ts";
export type * from "./alerts.ts";
export type * from "./approvals.ts";
export * from "./batches.ts";
export type * from "./descriptions.ts";
export type * from "./orders.ts";
export type * from "./references.ts";
export type * from "./settings.ts";
export type * from "./styles.ts";
export type * from "./visits.ts";

/** A member at one event: who asks, where, and how to answer there. Built by a platform from an authenticated event. */
export interface Caller {
  readonly platform: string;
  /** A Discord guild, a Slack workspace, or direct messages: `discord:guild:1`, `slack:T1`, `discord:dm:7`, `web`. */
  readonly tenant: string;
  /** The organisation that the tenant is part of, `slack:E1`; undefined where there is none. */
  readonly organisation?: string | undefined;
  /** `discord:7`, `slack:T1:U1`, `web:local`. */
  readonly member: string;
  /** As people there see it; for messages only. */
  readonly name: string;
  /** BCP 47, as the platform reports it. */
  readonly locale: string;
  /** Where the result goes: the platform's own JSON, opaque here. Secrets in it are sealed by the platform. */
  readonly replyTarget: string;
  /** The platform's own id of the event; the same key never makes a second job. */
  readonly inbound: string;
  /** Where it is asked, the platform's channel id; undefined where there are no channels. */
  readonly channel?: string | undefined;
  /** Role keys of the member here, as in OperatorSettings.allowances. */
  readonly roles?: readonly string[] | undefined;
  /**
   * `admin`: may manage this tenant, as the platform says at this moment; `operator`: signed in to the dashboard. Who is
   * named in OPERATORS is an operator without it.
   */
  readonly rights?: "admin" | "operator" | undefined;
  /** The channel is for adults. */
  readonly mature?: boolean | undefined;
  /** Nobody asks: a step of a workflow does, which the tenant's budget for steps pays for. `member` is that budget's account. */
  readonly paidBy?: "steps-budget" | undefined;
}

/**
 * A member's sentence before options were taken out of it. It counts over the draft: an option that was taken is there,
 * undefined unless it was also named on purpose.
 */
export interface AsWritten {
  readonly prompt: string;
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly count?: number | undefined;
  readonly format?: string | undefined;
  readonly background?: string | undefined;
  readonly compression?: number | undefined;
  readonly fidelity?: string | undefined;
  readonly style?: string | undefined;
}

/** A request as a member typed it; every check is made by the use case. */
export interface Draft {
  readonly prompt: string;
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly count?: number | undefined;
  readonly format?: string | undefined;
  readonly images?: readonly IncomingImage[] | undefined;
  readonly mask?: IncomingImage | undefined;
  readonly provider?: string | undefined;
  readonly private?: boolean | undefined;
  readonly moderation?: string | undefined;
  readonly background?: string | undefined;
  /** 0 to 100, for JPEG and WebP. */
  readonly compression?: number | undefined;
  readonly fidelity?: string | undefined;
  /** The name of a style; `none` for none at all, also where one is the default. */
  readonly style?: string | undefined;
  /** Saved images to start from, by name and besides those that the prompt names; each must be there. */
  readonly saved?: readonly string[] | undefined;
  /** Words of the prompt that stand for a platform's markup, such as somebody's name: nothing in them names a saved image. */
  readonly plainWords?: readonly string[] | undefined;
  /** Braces in the prompt are words as all others: it has no alternatives. */
  readonly literal?: boolean | undefined;
  /** Set when options were taken out of the member's own sentence: then nothing is made before the member has seen them. */
  readonly asWritten?: AsWritten | undefined;
}

/** Files that will come with a draft, as far as a price needs to know them. */
export interface Files {
  readonly references: number;
  readonly masked: boolean;
  /** It changes images of an earlier job: they are not counted above, and where the draft is silent, it is like that job. */
  readonly of?: JobImage | undefined;
  /** One of the references counted above takes the place of those images: as `canvas` in an order. */
  readonly canvas?: boolean | undefined;
}

/** One image of an earlier job; without an index, all of them. */
export interface JobImage {
  readonly job: string;
  readonly index?: number | undefined;
  /** A message of the batch that the job is a part of was meant: a number before the words says which of its images. */
  readonly numbered?: true | undefined;
}

export type { JobState };

export function isFinal(state: JobState): boolean {
  return state !== "awaiting" && state !== "queued" && state !== "running" && state !== "delivering";
}

/** Why a job ended without images, in terms that a member may hear; none of these is charged. */
export interface Failure {
  readonly outcome: Outcome | "bug" | "lost-files" | "not-approved" | "approval-expired";
  /** The name of who did not approve it. */
  readonly by?: string | undefined;
  readonly refusedFor?: RefusedFor | undefined;
  /** The service sent this in place of an image: `SVG`. */
  readonly format?: string | undefined;
  /** The id that the member quotes and the operator finds in the log. */
  readonly reference: string;
}

/** A job as members see it. */
export interface JobView {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly member: string;
  readonly memberName: string;
  readonly tenant: string;
  readonly locale: string;
  /** As in Caller.replyTarget of who asked: whoever asks twice sees by it which of the two is kept. */
  readonly replyTarget?: string | undefined;
  readonly state: JobState;
  /** While it awaits approval: whose (role keys and member keys; empty: of those who manage the tenant), and how long. */
  readonly approval?: { readonly approvers: readonly string[]; readonly expiresAt: number } | undefined;
  /** While queued: 1 is next. */
  readonly position?: number | undefined;
  /** Why it is not started even when its turn comes: the operator has paused everything, or its service has trouble until `until`. */
  readonly waiting?:
    | { readonly reason: "paused" | "worker" | "service"; readonly until?: number | undefined }
    | undefined;
  /** When it will probably start (while queued) and end, milliseconds since 1970; undefined while nothing was measured. */
  readonly expected?: { readonly startAt?: number | undefined; readonly endAt: number } | undefined;
  /** While running in this process: what the service has told or shown so far. */
  readonly progress?: { readonly percent?: number | undefined; readonly preview?: string | undefined } | undefined;
  readonly request: Request;
  readonly provider: string;
  readonly tier?: Tier | undefined;
  readonly unit: Credits;
  readonly held: Credits;
  /** Once delivered; never more than was held. */
  readonly charged?: Credits | undefined;
  readonly changes: readonly Change[];
  readonly images: readonly ShownImage[];
  /** Set on each part of a batch. */
  readonly batch?: BatchPlace | undefined;
  /** Its images are drafts that a service here can finish: see the order `final`. */
  readonly offersFinal?: boolean | undefined;
  /** There is a page on which its images can be painted over. */
  readonly offersPaint?: boolean | undefined;
  readonly failure?: Failure | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
}

export interface Movement {
  readonly at: number;
  /** A job's movements are one: `hold` while it is under way, then `spent`. */
  readonly kind: "top-up" | "grant" | "reversal" | "hold" | "spent";
  /** Signed, as the member's available credits changed. */
  readonly amount: Credits;
  readonly job?: string | undefined;
}

export interface CreditsView {
  readonly available: Credits;
  readonly held: Credits;
  /** The credits to which `available` is topped up, and when next. */
  readonly renewsTo: Credits;
  readonly renewsAt: number;
  /** Newest first, at most 10. */
  readonly movements: readonly Movement[];
}

/** The price of a draft as of now; nothing is held. */
export interface QuoteView {
  readonly provider: string;
  readonly tier?: Tier | undefined;
  readonly unit: Credits;
  readonly total: Credits;
  readonly changes: readonly Change[];
  readonly available: Credits;
  /** `available` after holding `total`; negative when it does not suffice. */
  readonly after: Credits;
  /** It costs more than the member wants to spend without being asked. */
  readonly confirm: boolean;
  /** It is the price of a batch, which is always asked about with all of its parts: of so many prompts, by so many services. */
  readonly batch?: { readonly prompts: number; readonly services: number; readonly images: number } | undefined;
}

/** Part of a member's history. */
export interface HistoryQuery {
  readonly limit: number;
  /** Words that the prompt holds, in any order and case. */
  readonly search?: string | undefined;
  /** Only jobs before this one. */
  readonly before?: string | undefined;
}

/** Everything that is kept about a member. */
export interface MemberData {
  /** JSON, readable by people and programs, in pieces that are written one after the other. */
  readonly document: readonly string[];
  /** Images that are still there, to be streamed. */
  readonly images: readonly { readonly name: string; readonly path: string; readonly bytes: number }[];
}

/** One image service, for members to choose from. */
export interface ServiceOffer {
  readonly name: string;
  readonly label: string;
  /** The most that the draft would cost there; undefined when the service cannot do it as asked. */
  readonly total?: Credits | undefined;
  /** It redraws only what a mask marks. */
  readonly masks?: boolean | undefined;
}

/** Everything that commands and platforms may ask of the bot. Each call throws Refusal to say no on purpose. */
export interface UseCases {
  quote(draft: Draft, caller: Caller, files?: Files): Promise<QuoteView>;
  /** Every service, in the order of preference, with its price for this draft; asks neither network nor database. */
  services(draft: Partial<Draft>): readonly ServiceOffer[];
  /**
   * The one door for everything that makes a job: prices the order, holds its credits and queues it, as one; or asks for
   * confirmation. The same inbound event gives the job that it made before, or the same confirmation. Throws Refusal;
   * then nothing was held. Besides the refusals of requests: `job-*`, `confirmation-*`, `price-risen`.
   */
  submit(order: Order, caller: Caller, options?: SubmitOptions): Promise<Submitted>;
  /** No to a confirmation: nothing is made. Throws `confirmation-closed`, `confirmation-not-yours`, `confirmation-answered`. */
  reject(confirmation: string, caller: Caller): Promise<void>;
  /** While nothing was sent that cannot be stopped; by its owner, or who manages the tenant. */
  cancel(job: string, caller: Caller): Promise<JobView>;
  credits(caller: Caller): Promise<CreditsView>;
  /** The credits that the caller can spend now; nothing is written, and no movement is looked at. */
  creditsLeft(caller: Caller): Promise<Credits>;
  /** The member's own jobs, newest first; of a batch, one job stands for all. */
  history(caller: Caller, query: HistoryQuery): Promise<readonly JobView[]>;
  /** The member's latest jobs whose reply target `isThere`, newest first, each part for itself. Asking is not seeing. */
  jobsAt(isThere: (replyTarget: string) => boolean, caller: Caller): Promise<readonly JobView[]>;
  /** The job that a message of ours shows, by the key that its delivery gave; undefined when the caller may not see it. */
  jobOfMessage(message: string, caller: Caller): Promise<JobView | undefined>;
  /** Where the images of a job were posted; the keys that its delivery gave. */
  messagesOf(job: string, caller: Caller): Promise<readonly string[]>;
  /** Deletes prompt and images of an ended job; by its owner, or who manages the tenant. The platform deletes the messages. */
  remove(job: string, caller: Caller): Promise<JobView>;
  settings(caller: Caller): Promise<MemberSettings>;
  /** Keys that are undefined are unset again; those that are absent stay. */
  changeSettings(change: Partial<MemberSettings>, caller: Caller): Promise<MemberSettings>;
  exportData(caller: Caller): Promise<MemberData>;
  /** Deletes all that is kept about the caller; unfinished jobs first come to their end. The number of jobs deleted. */
  deleteData(caller: Caller): Promise<{ readonly jobs: number }>;
  /** The bot was taken into a tenant: it says there once how to begin. */
  welcome(channel: AlertChannel): Promise<void>;
  /** The tenant is gone (the bot was removed): its unsent jobs are cancelled, and its content is deleted as the retention says. */
  tenantGone(tenant: string): Promise<void>;
  /** After so many days prompts and images are deleted, and the images that were started from; 0: kept until deleted. */
  readonly retention: { readonly contentDays: number; readonly referenceDays: number };
  readonly admin: AdminUseCases;
  readonly styles: StyleUseCases;
  readonly visits: VisitUseCases;
  readonly references: ReferenceUseCases;
  readonly approvals: ApprovalUseCases;
  readonly batches: BatchUseCases;
  readonly descriptions: DescriptionUseCases;
  /** One job of the caller. */
  job(id: string, caller: Caller): Promise<JobView>;
  /** The job now, then at each change, until it is final or `signal` aborts. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobView>;
  /** Where an image of the caller's job lies on this machine, to be streamed; throws `job-has-no-images`. */
  imageFile(of: { job: string; index: number }, caller: Caller): Promise<{ path: string; image: StoredImage }>;
}
