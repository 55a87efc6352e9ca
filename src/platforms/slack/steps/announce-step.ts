import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import { codeOf, faultOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { type Content, escaped, headline, note } from "../messages/blocks.ts";
import { join, post, send } from "../messages/post.ts";
import type { ReplyTarget, Spot } from "../messages/reply-target.ts";

/**
 * Posts the message that becomes the result, before anything is spent: where it cannot be posted, nothing is made. Throws Refusal
 * `channel-closed`, `nowhere-to-post`, and what the Web API throws where it may be tried again.
 */
export async function announceStep(slack: SlackContext, target: ReplyTarget, event: SlackEvent): Promise<Spot> {
  const { steps, waiting } = textFor(event.locale).slack;
  const name = event.name || steps.nobody;
  const content: Content = { text: escaped(`${name}: ${waiting}`), blocks: [headline(name, undefined), note(waiting)] };
  const { channel } = target;
  if (channel === undefined || target.private) {
    return post(slack, target, content, event.locale).catch((error: unknown) => {
      throw isRefused(error) ? new Refusal("nowhere-to-post", {}) : error;
    });
  }
  return inChannel(slack, target.team, channel, content);
}

/** A workflow that names a channel means that one: the result goes nowhere else. */
async function inChannel(slack: SlackContext, team: string, channel: string, content: Content): Promise<Spot> {
  try {
    return await send(slack, team, channel, undefined, content);
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (faultOf(error) === "elsewhere" && (await join(slack, team, channel))) {
      return send(slack, team, channel, undefined, content);
    }
    const why = codeOf(error) === "channel_not_found" ? "gone" : "forbidden";
    throw new Refusal("channel-closed", { channel, why });
  }
}

function isRefused(error: unknown): boolean {
  return ["elsewhere", "nowhere", "revoked"].includes(faultOf(error));
}
