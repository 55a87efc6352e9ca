import type { AlertChannel } from "./contract/alerts.ts";
import type { Poster } from "./contract/delivery.ts";
import type { Observer } from "./contract/observer.ts";
import type { VisitLinks } from "./contract/visits.ts";
import type { MemberCredits } from "./credits/credits.ts";
import type { Images } from "./images/images.ts";
import type { Changes } from "./jobs/changes.ts";
import type { Breakers } from "./providers/breakers.ts";
import type { Balance } from "./providers/provider.ts";
import type { Router } from "./providers/router.ts";
import type { TenantKeys } from "./providers/tenant-keys.ts";
import type { Credits } from "./request.ts";
import type { Database } from "./store/database.ts";
import type { Log, World } from "./world.ts";

/** Days; 0 means for ever. */
export interface Retention {
  /** Prompts, results, names. */
  readonly contentDays: number;
  /** References that members attached. */
  readonly referenceDays: number;
}

/** Bounds the bytes of one member's files. */
export interface UploadQuota {
  /** Brought within an hour, taken or not. */
  readonly hourlyBytes: number;
  /** Kept at a time. */
  readonly storedBytes: number;
}

/** Everything that the use cases work with; put together in app/assemble.ts. */
export interface Context {
  readonly database: Database;
  readonly credits: MemberCredits;
  readonly images: Images;
  readonly router: Router;
  /** The trouble with calls by the operator's keys. */
  readonly breakers: Breakers;
  readonly keys: TenantKeys;
  readonly world: World;
  readonly log: Log;
  readonly observer: Observer;
  readonly changes: Changes;
  /** Member keys of those who may do everything. */
  readonly operators: readonly string[];
  /** Tenants and organisations that are served, and `dm` for direct messages; undefined: all. */
  readonly allowedTenants: readonly string[] | undefined;
  /** After so many days content is deleted; 0: never. */
  readonly retention: Retention;
  /** Each UTC day a member is topped up to this. */
  readonly dailyCredits: Credits;
  /** Every tenant may spend this in a UTC month; undefined means no limit. */
  readonly tenantMonthly: Credits | undefined;
  /** All may spend this together in a UTC day; undefined means no limit. */
  readonly globalDaily: Credits | undefined;
  /** Where the operator hears of what needs attention. */
  readonly alertChannels: readonly AlertChannel[];
  /** The balances at the services that tell them. */
  readonly balances: { read(): Promise<Readonly<Record<string, Balance>>> };
  /** Jobs of one member that run at the same time, over all processes. */
  readonly runningPerMember: number;
  /** Jobs of one member that may wait. */
  readonly queuedPerMember: number;
  /** Jobs of one member that may end unpaid within 24 hours; whoever has as many is refused. */
  readonly unpaidPerMember: number;
  readonly uploadQuota: UploadQuota;
  /** The platform of that name, when this process can post to it. */
  platform(
    name: string,
  ):
    | Pick<
        Poster,
        "deliver" | "ping" | "tellUndeliverable" | "postToChannel" | "eraseMessages" | "startStep" | "endStep"
      >
    | undefined;
  /** Where a service may call back with this secret; undefined while nobody can reach us. */
  readonly callbackUrl: ((secret: string) => string) | undefined;
  /** Links to pages of one member; undefined while nobody can reach us. */
  readonly visitLinks?: VisitLinks | undefined;
  /**
   * Works with the database, and with nothing slower, for a command once few others do, in the order of asking. Who waits in
   * a crowd waits here: waiting for a connection ends by a timeout, and holds up those who post images.
   */
  admit<Result>(work: () => Promise<Result>): Promise<Result>;
  /** There is a job to run, a result to post, or anything else to do. */
  wake(only?: "calls" | "posts"): void;
}
