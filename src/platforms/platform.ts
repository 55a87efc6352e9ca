import type { AnyCommand } from "../command/command.ts";
import type { Poster } from "../contract/delivery.ts";
import type { Observer } from "../contract/observer.ts";
import type { StepInbox } from "../contract/steps.ts";
import type { UseCases } from "../contract/usecases.ts";
import type { FileLimit, Fitted, StoredImage } from "../image.ts";
import type { Cache, Log, World } from "../world.ts";
import type { Sealer } from "./seal.ts";

/** The context that every platform is given. */
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
  /** Where steps of workflows are put, for a platform that has them. */
  readonly steps?: StepInbox;
  /** A file of the image that a place can take: the image itself when it fits, else the best JPEG or WebP that does. */
  fit(image: StoredImage, limit: FileLimit): Promise<Fitted>;
  /** Audits the ledger now; where it is absent, nobody can ask. */
  audit?(): Promise<readonly LedgerFinding[]>;
  /** Does a rule or an allowance name a role there? Where it is absent, one may. */
  namesRoles?(tenant: string): Promise<boolean>;
  /** Where the image itself can be fetched by whoever has the link; undefined where this installation offers none. */
  linkTo?(job: string, index: number): string | undefined;
}

/** Something that must never be: a sentence, what it is about, and what was found. */
export interface LedgerFinding {
  readonly sentence: string;
  readonly subject: string;
  readonly detail: string;
}

/** Tokens that workspaces gave the bot when they installed it, by a key that begins with the platform's name; sealed by the platform. */
export interface InstallationStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, sealed: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Those whose keys begin so. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly sealed: string }[]>;
}

/** A chat place in which the bot lives. Posting works without `start`: a worker process needs no gateway. */
export interface Platform extends Poster {
  /**
   * Connects, registers commands, begins to take events; tries on while the platform is away, and resolves once it is
   * connected. Throws an Error with one sentence where only the operator can help.
   */
  start(): Promise<void>;
  /** Takes no more events; what is under way may finish. */
  stop(): Promise<void>;
  /** Whether events arrive at this moment. */
  ready(): boolean;
  /** Are the credentials good? Posts nothing; throws an Error with one sentence. */
  check(): Promise<void>;
}
