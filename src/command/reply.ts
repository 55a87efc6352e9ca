import type { BatchView, DescribedJobs, JobView, MemberData } from "../contract/usecases.ts";
import type { StoredImage } from "../image.ts";
import type { Card } from "../text/card.ts";

/** A command's answer; all but a job is shown to the caller alone. */
export type Reply =
  /** The platform follows the job and posts its result. */
  | { readonly kind: "job"; readonly job: JobView }
  /** The same for a batch, whose parts are posted together; one that is over is shown to the caller alone. */
  | { readonly kind: "batch"; readonly batch: BatchView }
  | { readonly kind: "card"; readonly card: Card }
  /** Jobs to choose from, each with its images and buttons; the card says what is listed, and leads on. */
  | { readonly kind: "history"; readonly card: Card; readonly jobs: readonly JobView[] }
  /** One job again, with its images. */
  | { readonly kind: "images"; readonly job: JobView }
  /** A card with an image in it. */
  | { readonly kind: "picture"; readonly card: Card; readonly image: StoredImage; readonly alt: string }
  /** A file to keep; images that do not fit are named in the card. */
  | { readonly kind: "data"; readonly card: Card; readonly data: MemberData }
  /** The images of these jobs are described or hidden otherwise: their messages are to show it. */
  | { readonly kind: "described"; readonly card: Card; readonly images: DescribedJobs }
  /** The job is gone: its messages are to be deleted. */
  | { readonly kind: "removed"; readonly card: Card; readonly messages: readonly string[] };

export function jobReply(job: JobView): Reply {
  return { kind: "job", job };
}

export function batchReply(batch: BatchView): Reply {
  return { kind: "batch", batch };
}

export function cardReply(card: Card): Reply {
  return { kind: "card", card };
}
