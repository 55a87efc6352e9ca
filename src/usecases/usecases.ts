import type { Outcome, RefusedFor } from "../errors.ts";
import type { IncomingImage, StoredImage } from "../image.ts";
import type { Change, Credits, Request, Tier } from "../request.ts";
import type { JobState } from "../store/tables.ts";

/** Who asks, where, and how to answer there. Built by a platform from an authenticated event. */
export interface Caller {
  readonly platform: string;
  /** A Discord guild, a Slack workspace, or direct messages: `discord:guild:1`, `slack:T1`, `discord:dm:7`, `web`. */
  readonly tenant: string;
  /** `discord:7`, `slack:T1:U1`, `web:local`. */
  readonly member: string;
  /** As people there see it; for messages only. */
  readonly name: string;
  /** BCP 47, as the platform reports it. */
  readonly locale: string;
  /** Where the result goes: the platform's own JSON, opaque here. Secrets in it are sealed by the platform. */
  readonly place: string;
  /** The platform's own id of the event; the same key never makes a second job. */
  readonly inbound: string;
}

/** What a member asks for, as typed; every check is made by the use case. */
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
}

/** Files that will come with a draft, as far as a price needs to know them. */
export interface Files {
  readonly references: number;
  readonly masked: boolean;
}

/** One image of an earlier job; without an index, all of them. */
export interface JobImage {
  readonly job: string;
  readonly index?: number | undefined;
}

export type { JobState };

export function isFinal(state: JobState): boolean {
  return state !== "queued" && state !== "running" && state !== "delivering";
}

/** Why a job ended without images, in terms that a member may hear; none of these is charged. */
export interface Failure {
  readonly outcome: Outcome | "bug" | "lost-files";
  readonly refusedFor?: RefusedFor | undefined;
  /** What the member quotes and the operator finds in the log. */
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
  readonly state: JobState;
  /** While queued: 1 is next. */
  readonly position?: number | undefined;
  readonly request: Request;
  readonly provider: string;
  readonly tier?: Tier | undefined;
  readonly unit: Credits;
  readonly held: Credits;
  /** Once delivered; never more than was held. */
  readonly charged?: Credits | undefined;
  readonly changes: readonly Change[];
  readonly images: readonly StoredImage[];
  readonly failure?: Failure | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
}

export interface Movement {
  readonly at: number;
  /** A job's movements are one: `hold` while it is under way, then `spent`. */
  readonly kind: "top-up" | "grant" | "hold" | "spent";
  /** Signed, as the member's available credits changed. */
  readonly amount: Credits;
  readonly job?: string | undefined;
}

export interface CreditsView {
  readonly available: Credits;
  readonly held: Credits;
  /** What `available` is topped up to, and when next. */
  readonly renewsTo: Credits;
  readonly renewsAt: number;
  /** Newest first, at most 10. */
  readonly movements: readonly Movement[];
}

/** What a draft would cost now; nothing is held. */
export interface QuoteView {
  readonly provider: string;
  readonly tier?: Tier | undefined;
  readonly unit: Credits;
  readonly total: Credits;
  readonly changes: readonly Change[];
  readonly available: Credits;
  /** `available` after holding `total`; negative when it does not suffice. */
  readonly after: Credits;
}

/** One image service, for members to choose from. */
export interface ServiceOffer {
  readonly name: string;
  readonly label: string;
  /** What the draft would cost there at most; undefined when the service cannot do it as asked. */
  readonly total?: Credits | undefined;
}

/** Everything that commands and platforms may ask of the bot. Each call throws Refusal to say no on purpose. */
export interface UseCases {
  quote(draft: Draft, caller: Caller, files?: Files): Promise<QuoteView>;
  /** Every service, in the order of preference, with its price for this draft; asks neither network nor database. */
  services(draft: Partial<Draft>): readonly ServiceOffer[];
  imagine(draft: Draft, caller: Caller): Promise<JobView>;
  /** Like imagine, with images of an earlier job first among the references. */
  edit(of: JobImage, draft: Draft, caller: Caller): Promise<JobView>;
  /** The same request once more. */
  again(job: string, caller: Caller): Promise<JobView>;
  /** The same prompt over one of its images. */
  vary(of: JobImage, caller: Caller): Promise<JobView>;
  /** One of its images once more at the next tier. */
  upscale(of: JobImage, caller: Caller): Promise<JobView>;
  /** Only while queued, only by its owner. */
  cancel(job: string, caller: Caller): Promise<JobView>;
  credits(caller: Caller): Promise<CreditsView>;
  /** The member's own jobs, newest first. */
  history(caller: Caller, limit: number): Promise<readonly JobView[]>;
  /** One job of the caller. */
  job(id: string, caller: Caller): Promise<JobView>;
  /** The job now, then at each change, until it is final or `signal` aborts. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobView>;
  /** Where an image of the caller's job lies on this machine, to be streamed; throws `job-has-no-images`. */
  imageFile(of: { job: string; index: number }, caller: Caller): Promise<{ path: string; image: StoredImage }>;
}
