import type { RefusalCode, RefusalFacts } from "../errors.ts";
import type { BatchNote, Request } from "../request.ts";
import type { Caller, JobImage, JobView, QuoteView, ServiceOffer } from "./usecases.ts";

/** The place of a job in the batch that it is a part of. */
export interface BatchPlace extends BatchNote {
  /** The id of its first job, which stands for the batch. */
  readonly id: string;
  /** From 0. */
  readonly index: number;
}

/** Jobs that were asked for together, as members see them. */
export interface BatchView extends BatchNote {
  readonly id: string;
  /** In their order; those whose content was deleted are not among them. */
  readonly parts: readonly [JobView, ...JobView[]];
}

/** A service that cannot take part in a comparison, and why. */
export interface LeftOut {
  readonly service: string;
  readonly refusal: { readonly code: RefusalCode; readonly facts: RefusalFacts[RefusalCode] };
}

/** The parts that an order comes to. */
export interface BatchOffer {
  readonly by: BatchNote["by"];
  readonly parts: readonly { readonly request: Request; readonly quote: Omit<QuoteView, "batch"> }[];
  readonly leftOut: readonly LeftOut[];
}

/** Whatever is asked of a batch as a whole; `batch` is the id of any of its jobs. Each call throws Refusal `job-unknown` where it is none. */
export interface BatchUseCases {
  view(batch: string, caller: Caller): Promise<BatchView>;
  /** The batch now, then at each change, until all of its parts are final or `signal` aborts. */
  watch(batch: string, signal: AbortSignal): AsyncIterable<BatchView>;
  /** Takes back every part that was not sent; by its owner, or who manages the tenant. Throws `too-late-to-cancel` when there is none. */
  cancel(batch: string, caller: Caller): Promise<BatchView>;
  /** Deletes prompts and images of all parts, once all have ended. Where they were posted. */
  remove(batch: string, caller: Caller): Promise<readonly string[]>;
}

/** An image of a batch, as its messages number it: through all parts, whether or not they have been drawn. */
export interface NumberedPart {
  readonly number: number;
  readonly job: JobView;
  /** Which image of the job. */
  readonly index: number;
}

/** The images of a batch that are there. */
export function imagesOfBatch({ parts }: Pick<BatchView, "parts">): readonly NumberedPart[] {
  return parts.flatMap((job) =>
    job.images.map((_, index) => ({ number: (job.batch?.index ?? 0) * job.request.count + index + 1, job, index })),
  );
}

/** The services to choose from, with all of them side by side where a job is started and there are several. */
export function withComparison(
  services: readonly ServiceOffer[],
  { startsJob }: { readonly startsJob?: string | undefined },
  label: string,
): readonly ServiceOffer[] {
  return startsJob !== undefined && services.length > 1 ? [...services, { name: "compare", label }] : services;
}

/** The images of a job whose message somebody answers to; of a batch, the words say which of its images. */
export function meantBy({ id, batch }: Pick<JobView, "id" | "batch">): JobImage {
  return batch ? { job: id, numbered: true } : { job: id };
}
