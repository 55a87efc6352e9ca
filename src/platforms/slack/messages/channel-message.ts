import type { ChannelMessage, ChannelPosted } from "../../../contract/channel-messages.ts";
import { DeliveryDelayed } from "../../../contract/delivery.ts";
import { textFor } from "../../../text/text.ts";
import { codeOf, type Fault, faultOf, retryAfterMs } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { messageKey, readMessageKey } from "../keys.ts";
import { type Content, cardContent } from "./blocks.ts";
import { join, rewrite, send } from "./post.ts";
import type { Spot } from "./reply-target.ts";

/** The channel, or the whole workspace, takes nothing from the app. */
const closedFaults: readonly Fault[] = ["elsewhere", "nowhere", "revoked"];

/** `Platform.postToChannel`: joins a public channel for it. A crash at the wrong moment may post a message twice. */
export async function postToChannel(slack: SlackContext, message: ChannelMessage): Promise<ChannelPosted> {
  const { tenant, channel, locale, content, earlier } = message;
  const team = tenant.slice("slack:".length);
  const text = textFor(locale);
  const words = cardContent(text.approvals.inChannel(content), text);
  try {
    if (earlier === undefined) return { message: messageKey(team, await sendOrJoin(slack, { team, channel }, words)) };
    const spot = readMessageKey(earlier)?.spot;
    if (spot) await rewrite(slack, { team, user: "", channel, private: false }, spot, words, locale);
    return { message: earlier };
  } catch (error) {
    const fault = faultOf(error);
    if (fault === "delayed") throw new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error);
    if (earlier !== undefined && (fault === "message-gone" || closedFaults.includes(fault)))
      return { message: earlier };
    if (!closedFaults.includes(fault)) throw error;
    return { closed: codeOf(error) === "channel_not_found" || fault === "revoked" ? "gone" : "forbidden" };
  }
}

async function sendOrJoin(
  slack: SlackContext,
  { team, channel }: { readonly team: string; readonly channel: string },
  content: Content,
): Promise<Spot> {
  try {
    return await send(slack, team, channel, undefined, content);
  } catch (error) {
    if (faultOf(error) !== "elsewhere" || !(await join(slack, team, channel))) throw error;
    return send(slack, team, channel, undefined, content);
  }
}
