import type { Delivery } from "../../../contract/delivery.ts";
import type { JobView } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import type { Log } from "../../../world.ts";
import type { PlatformContext } from "../../platform.ts";
import type { ReplyTarget } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { FittedImage } from "./pack.ts";
import type { Part } from "./result.ts";

/** One delivery and all that it needs; made from the stored place alone, so that any process can deliver. */
export interface Sending {
  readonly delivery: Delivery;
  readonly place: ReplyTarget;
  readonly acknowledgement: Acknowledgement;
  readonly api: DiscordApi;
  readonly context: Files;
  readonly text: Text;
  readonly log: Log;
}

/** Rendering a result needs this of the bot. */
export type Files = Pick<PlatformContext, "fit" | "cache" | "linkTo">;

interface Shows extends Pick<Sending, "context"> {
  readonly delivery: { readonly job: JobView; readonly spoiler: boolean };
  readonly place: Pick<ReplyTarget, "spoiler">;
}

/** A part of a job's images as its message shows them. */
export function partOf(
  images: readonly FittedImage[],
  { delivery: { job, spoiler }, place: target, context }: Shows,
): Part {
  return {
    images,
    first: images[0]?.index === 0,
    last: images.at(-1)?.index === job.images.length - 1,
    hiding: { all: spoiler, others: target.spoiler === true },
    linkTo: (index) => context.linkTo?.(job.id, index),
  };
}
