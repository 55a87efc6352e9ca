import { type APIMessage, MessageFlags } from "discord.js";
import { messageKey } from "./reply-target.ts";

/** A message of the bot's own, as it finds the job again. */
export interface OwnMessage {
  /** As Delivered.messages. */
  readonly key: string;
  /** Named by its buttons: nobody else can write those. */
  readonly job?: string;
}

export function ownMessage({ channel_id, id, components }: APIMessage): OwnMessage {
  const job = /"custom_id":"[a-z-]+:([0-9a-z]+)/.exec(JSON.stringify(components ?? []))?.[1];
  return { key: messageKey(channel_id, id), ...(job ? { job } : {}) };
}

/** One member alone sees it. */
export function isEphemeral({ flags }: Pick<APIMessage, "flags">): boolean {
  return ((flags ?? 0) & MessageFlags.Ephemeral) !== 0;
}
