import type { Credits } from "../request.ts";

/** A channel in which alerts and digests are posted. */
export interface AlertChannel {
  readonly platform: string;
  /** The tenant that the channel belongs to. */
  readonly tenant: string;
  /** The platform's channel id. */
  readonly channel: string;
  /** BCP 47: the language of the messages there. */
  readonly locale: string;
}

/** Something that those who manage a tenant, or the operator, should know. Times are milliseconds since 1970. */
export type Alert =
  /** `scope`: the tenant's month, or the operator's day. */
  | {
      readonly code: "budget";
      readonly percent: 80 | 100;
      readonly scope: "tenant" | "global";
      readonly limit: Credits;
      readonly renewsAt: number;
    }
  /** `account`: it refuses the operator's key, or has no money left; `resting`: it fails, or asks for patience. */
  | {
      readonly code: "service";
      readonly service: string;
      readonly trouble: "account" | "resting";
      readonly since: number;
    }
  | { readonly code: "service-over"; readonly service: string; readonly since: number }
  /** The tenant's own key for a service: it is refused, has no money behind it, or cannot be opened. */
  | { readonly code: "own-key"; readonly service: string; readonly trouble: "key" | "money" | "unreadable" }
  /** Calls that may have been charged, for whoever pays the service to settle. */
  | { readonly code: "unknown"; readonly count: number; readonly estimate: Credits };

/** The spending of a week. Names are those that members had; who has none any more is counted without one. */
export interface Digest {
  /** Milliseconds since 1970: the first moment of the week, and the first after it. */
  readonly since: number;
  readonly until: number;
  readonly jobs: number;
  readonly images: number;
  readonly charged: Credits;
  /** Those who spent most first. */
  readonly members: readonly {
    readonly name: string | undefined;
    readonly images: number;
    readonly charged: Credits;
  }[];
  readonly services: readonly { readonly name: string; readonly images: number; readonly charged: Credits }[];
  /** Credits by day, seven of them. */
  readonly days: readonly Credits[];
}

/** The channel of a tenant's alerts, and how it works out. */
export interface AlertStatus {
  readonly channel?: AlertChannel | undefined;
  /** Why the last message could not be posted there. */
  readonly closed?: string | undefined;
}
