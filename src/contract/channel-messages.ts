import type { Alert, Digest } from "./alerts.ts";
import type { ApprovalView } from "./approvals.ts";

/** The use for which an admin named a channel. */
export type ChannelPurpose = "approvals" | "alerts";

/** The subject of a message in a channel that an admin named. */
export type ChannelContent =
  /** The channel was just named, and is open to the bot. */
  | { readonly kind: "channel-check"; readonly purpose: ChannelPurpose }
  /** The question whether a job may be made, with its answer once there is one. */
  | { readonly kind: "approval"; readonly approval: ApprovalView }
  /** How to begin, in a place that has just taken the bot in. */
  | { readonly kind: "welcome" }
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "digest"; readonly digest: Digest; readonly plot?: PlotFile | undefined };

/** A drawing on the disk of this machine, while the message is posted. */
export interface PlotFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** A message of the bot's own in a channel. */
export interface ChannelMessage {
  /** The same at each try. */
  readonly id: string;
  readonly tenant: string;
  /** The platform's channel id. */
  readonly channel: string;
  /** BCP 47. */
  readonly locale: string;
  readonly content: ChannelContent;
  /** The message that told it before, which is edited; as `ChannelPosted.message`. */
  readonly earlier?: string | undefined;
  /** An earlier try may have reached the platform: look before posting again. */
  readonly repeated: boolean;
}

/**
 * Why a channel takes nothing: it is not there (any more), the bot may not write there, or a post there needs a tag and
 * there is none for the bot.
 */
export type ChannelClosed = "gone" | "forbidden" | "tags";

/** The key of the message, or why there is none. */
export type ChannelPosted = { readonly message: string } | { readonly closed: ChannelClosed };
