import type { ChannelContent, ChannelMessage, ChannelPosted } from "../../../contract/channel-messages.ts";
import { DeliveryDelayed } from "../../../contract/delivery.ts";
import { type Text, textFor } from "../../../text/text.ts";
import { codeOf, type Fault, faultOf, retryAfterMs } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { messageKey, readMessageKey } from "../keys.ts";
import { above, type Content, cardContent } from "./blocks.ts";
import { join, rewrite, send } from "./post.ts";
import type { Spot } from "./reply-target.ts";
import { uploadFile } from "./upload.ts";

/** The channel, or the whole workspace, takes nothing from the app. */
const closedFaults: readonly Fault[] = ["elsewhere", "nowhere", "revoked"];

/** `Platform.postToChannel`: joins a public channel for it. A crash at the wrong moment may post a message twice. */
export async function postToChannel(slack: SlackContext, message: ChannelMessage): Promise<ChannelPosted> {
  const { tenant, channel, locale, content, earlier } = message;
  const team = tenant.slice("slack:".length);
  const text = textFor(locale);
  const card = cardContent(text.approvals.inChannel(content), text);
  try {
    const words = await withPlot(slack, team, { content, card, alt_text: altOf(content, text) });
    if (earlier === undefined) return { message: messageKey(team, await sendOrJoin(slack, { team, channel }, words)) };
    const spot = readMessageKey(earlier)?.spot;
    if (spot) await rewrite(slack, { team, user: "", channel, private: false }, spot, words, locale);
    return { message: earlier };
  } catch (error) {
    return failed(error, earlier);
  }
}

/** A message that cannot be edited any more is let be. Throws what may be tried again, and bugs. */
function failed(error: unknown, earlier: string | undefined): ChannelPosted {
  if (error instanceof DeliveryDelayed) throw error;
  const fault = faultOf(error);
  if (fault === "delayed") throw new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error);
  const isClosed = closedFaults.includes(fault);
  if (earlier !== undefined && (isClosed || fault === "message-gone")) return { message: earlier };
  if (!isClosed) throw error;
  return { closed: codeOf(error) === "channel_not_found" || fault === "revoked" ? "gone" : "forbidden" };
}

interface Plotted {
  readonly content: ChannelContent;
  readonly card: Content;
  readonly alt_text: string;
}

/** The drawing stands below the words. */
async function withPlot(slack: SlackContext, team: string, { content, card, alt_text }: Plotted): Promise<Content> {
  if (content.kind !== "digest" || !content.plot) return card;
  const { path, name, bytes } = content.plot;
  const id = await uploadFile(slack, team, { path, filename: name, bytes, alt: alt_text });
  return above({ type: "image", slack_file: { id }, alt_text }, card);
}

const altOf = (content: ChannelContent, text: Text) =>
  content.kind === "digest" ? text.alerts.plotAlt(content.digest) : "";

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
