import type { AnyCommand } from "../command/command.ts";
import type { FileLimit, Fitted, StoredImage } from "../image.ts";
import type { Observer } from "../usecases/observer.ts";
import type { JobView, UseCases } from "../usecases/usecases.ts";
import type { Cache, Log, World } from "../world.ts";

/** What every platform is given. */
export interface PlatformContext {
  readonly commands: readonly AnyCommand[];
  readonly usecases: UseCases;
  readonly world: World;
  readonly log: Log;
  /** Seals and opens small secrets for the store (interaction tokens), bound to this installation. */
  readonly seal: Sealer;
  /** Short-lived notes that may vanish at any time. */
  readonly cache: Cache;
  readonly observer: Observer;
  /** A file of the image that a place can take: the image itself when it fits, else the best JPEG or WebP that does. */
  fit(image: StoredImage, limit: FileLimit): Promise<Fitted>;
}

export interface Sealer {
  seal(plain: string): string;
  /** Undefined when it was sealed elsewhere or tampered with. */
  open(sealed: string): string | undefined;
}

/** One finished job on its way to the place it was asked from: images, or the news that there are none. */
export interface Delivery {
  /** As it will be once this is delivered: `delivered` with images and what is charged, or `failed`. */
  readonly job: JobView;
  /** As in Caller.place. */
  readonly place: string;
  /** At most 25 characters, the same at each try: a platform that dedupes by nonce uses it. */
  readonly nonce: string;
  /** An earlier try may have reached the platform: look before posting again. */
  readonly repeated: boolean;
}

/** Where it ended up. `message` finds the job again when somebody replies to it. */
export interface Delivered {
  readonly route: "channel" | "private" | "direct" | "none";
  readonly message?: string | undefined;
}

/** A try that may be repeated later; anything else that `deliver` throws is a bug. */
export class DeliveryDelayed extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, cause?: unknown) {
    super(message, { cause });
    this.name = "DeliveryDelayed";
    this.retryAfterMs = retryAfterMs;
  }
}

/** A chat place in which the bot lives. Posting works without `start`: a worker process needs no gateway. */
export interface Platform {
  readonly name: string;
  /** Connects, registers commands, begins to take events. */
  start(): Promise<void>;
  /** Takes no more events; what is under way may finish. */
  stop(): Promise<void>;
  ready(): boolean;
  /** Are the credentials good? Posts nothing; throws an Error with one sentence. */
  check(): Promise<void>;
  /** Repeatable: shows one final message however often it is called. `route: "none"` when there is nowhere to post. */
  deliver(delivery: Delivery): Promise<Delivered>;
}
