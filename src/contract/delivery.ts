import type { ChannelMessage, ChannelPosted } from "./channel-messages.ts";
import type { StepTaker } from "./steps.ts";
import type { BatchView, JobView } from "./usecases.ts";

/** One finished job on its way to the place it was asked from: images, or the news that there are none. */
export interface Delivery {
  /** As it will be once this is delivered: `delivered` with images and what is charged, or `failed`. */
  readonly job: JobView;
  /** As in Caller.replyTarget. */
  readonly replyTarget: string;
  /** At most 25 characters, the same at each try: a platform that dedupes by nonce uses it. */
  readonly nonce: string;
  /** An earlier try may have reached the platform: look before posting again. */
  readonly repeated: boolean;
  /** The message that was posted before under this job, which this replaces: a late result takes the place of the news of its failure. */
  readonly earlier?: string | undefined;
  /** The tenant's images are posted as spoilers. */
  readonly spoiler: boolean;
  /** Set for a part of a batch: it is posted in the messages of the batch. */
  readonly batch?: BatchDelivery | undefined;
}

/** A part's batch at one moment. No other part of it is posted meanwhile. */
export interface BatchDelivery {
  /** The part that is posted is shown in it as it will be. */
  readonly view: BatchView;
  /** The messages that show parts of it already, in the order in which they were posted. */
  readonly posted: readonly PostedParts[];
}

/** A message of a batch. */
export interface PostedParts {
  readonly message: string;
  readonly route: Delivered["route"];
  /** Ids of the jobs whose images it shows. */
  readonly parts: readonly string[];
}

/** Says where a delivery ended up. */
export interface Delivered {
  readonly route: "channel" | "private" | "direct" | "none";
  /** The first message. */
  readonly message?: string | undefined;
  /** Keys of all messages that show images, unique over all platforms: they find the job again when somebody replies. */
  readonly messages?: readonly string[] | undefined;
  /** Ids of the batch's jobs whose images the first message shows now, where it took the place of a message that is gone. */
  readonly moved?: readonly string[] | undefined;
}

/**
 * The post did not get through and may be tried again, for days if need be; it uses up no tries. Anything else that
 * `deliver` throws is a bug.
 */
export class DeliveryDelayed extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, cause?: unknown) {
    super(message, { cause });
    this.name = "DeliveryDelayed";
    this.retryAfterMs = retryAfterMs;
  }
}

/** Posts finished jobs to one platform. Needs no connection for events: a worker process posts too. */
export interface Poster extends Partial<StepTaker> {
  readonly name: string;
  /** Repeatable: shows one final message however often it is called. `route: "none"` when there is nowhere to post. */
  deliver(delivery: Delivery): Promise<Delivered>;
  /**
   * Resolves while this process can post there; rejects with one sentence while the platform is out of reach or refuses
   * the bot. While it rejects, no paid call is made for a job of this platform. A platform without it is always there.
   */
  ping?(): Promise<void>;
  /** Says, wherever that is still possible, that a job was given up: it is not delivered any more. Posts no images. */
  tellUndeliverable?(delivery: Delivery): Promise<void>;
  /**
   * Deletes messages of a tenant that showed a job's images, by the keys that its delivery gave. Never throws: what cannot
   * be deleted is logged.
   */
  eraseMessages?(messages: readonly string[], tenant: string): Promise<void>;
  /**
   * Posts a message into a channel that an admin named, or edits the one that is there. Throws DeliveryDelayed. A platform
   * without it has no channels.
   */
  postToChannel?(message: ChannelMessage): Promise<ChannelPosted>;
}
