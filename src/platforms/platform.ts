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
  readonly observer: Pick<Observer, "acknowledged" | "unacknowledged">;
  /** For a platform that many places install by themselves. */
  readonly installations?: InstallationStore;
  /** A file of the image that a place can take: the image itself when it fits, else the best JPEG or WebP that does. */
  fit(image: StoredImage, limit: FileLimit): Promise<Fitted>;
  /** What is wrong with the books now; where it is absent, nobody can ask. */
  audit?(): Promise<readonly BookFinding[]>;
  /** Where the image itself can be fetched by whoever has the link; undefined where this installation offers none. */
  linkTo?(job: string, index: number): string | undefined;
}

/** Something that must never be: a sentence, what it is about, and what was found. */
export interface BookFinding {
  readonly sentence: string;
  readonly subject: string;
  readonly detail: string;
}

/** What places gave the bot when they installed it, by a key that begins with the platform's name; sealed by the platform. */
export interface InstallationStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, sealed: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Those whose keys begin so. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly sealed: string }[]>;
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
  /** What was told before under this job, which this replaces: a late result takes the place of the news of its failure. */
  readonly earlier?: string | undefined;
  /** The tenant's images are posted as spoilers. */
  readonly spoiler: boolean;
}

/** Where it ended up. */
export interface Delivered {
  readonly route: "channel" | "private" | "direct" | "none";
  /** The first message. */
  readonly message?: string | undefined;
  /** Keys of all messages that show images, unique over all platforms: they find the job again when somebody replies. */
  readonly messages?: readonly string[] | undefined;
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
