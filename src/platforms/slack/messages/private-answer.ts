import { RespondError, type RespondFn } from "@slack/bolt";
import { WebAPIPlatformError } from "@slack/web-api";
import { Refusal } from "../../../errors.ts";
import type { Card } from "../../../text/card.ts";
import { refusalSentence, type Text, textFor } from "../../../text/text.ts";
import { faultOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { type Content, namedCardContent } from "./blocks.ts";
import { inBlocksThatAreKnown, type Shown } from "./known-blocks.ts";
import { channelKey } from "./named.ts";
import { send } from "./post.ts";
import { isDirect } from "./reply-target.ts";

/** Shows a card to the member alone, there if possible, else in a direct message. Never throws. */
export function tellAlone(slack: SlackContext, event: SlackEvent, card: Card): Promise<void> {
  return tellContent(slack, event, namedCardContent(card, textFor(event.locale)));
}

/**
 * A response URL works without membership, five times in half an hour; then a message that only the member sees; then a
 * direct one.
 */
export async function tellContent(slack: SlackContext, event: SlackEvent, content: Content): Promise<void> {
  const { respond, channel, user, thread, team } = event;
  const { workspaces, context } = slack;
  const there = thread === undefined ? {} : { thread_ts: thread };
  const direct = () => send(slack, team, user, undefined, content);
  const whisper = { method: "chat.postEphemeral", channel };
  const known = (call: (shown: Shown) => Promise<unknown>) => inBlocksThatAreKnown(slack, team, content, call);
  const ways = [
    respond && (() => known((shown) => answerAlone(respond, { ...shown, ...there }))),
    channel !== undefined &&
      !isDirect(channel) &&
      (() =>
        known((shown) =>
          workspaces.call(team, whisper, (client) => client.chat.postEphemeral({ ...shown, ...there, channel, user })),
        )),
    () => (channel !== undefined && isDirect(channel) ? send(slack, team, channel, thread, content) : direct()),
  ];
  for (const way of ways) {
    if (!way) continue;
    try {
      await way();
      return;
    } catch (err) {
      context.log.warn({ inbound: event.inbound, err }, "Slack did not take a private answer");
    }
  }
}

/** Throws as the Web API does. A response URL answers 400 to blocks that it does not take (java-slack-sdk#1017), or says so with 200. */
async function answerAlone(respond: RespondFn, message: Shown & { readonly thread_ts?: string }): Promise<void> {
  try {
    const answer = await respond({ ...message, response_type: "ephemeral", replace_original: false });
    const error = /"error":\s*"(\w+)"/.exec(await answer.text())?.[1];
    if (error !== undefined) throw new WebAPIPlatformError({ ok: false, error });
  } catch (error) {
    if (!(error instanceof RespondError) || error.statusCode !== 400) throw error;
    throw new WebAPIPlatformError({ ok: false, error: "invalid_blocks" });
  }
}

/** Does the work; whatever goes wrong, the member is told, as `asked` is known by then. Never throws. */
export async function attempt(slack: SlackContext, event: () => SlackEvent, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await tellAlone(slack, event(), cardFor(slack, event(), error));
  }
}

function cardFor({ context }: SlackContext, { locale, inbound }: SlackEvent, error: unknown): Card {
  const text = textFor(locale);
  if (error instanceof Refusal) return text.refusal(sentenceFor(error, text));
  if (faultOf(error) === "form-expired") return text.refusal(text.slack.formExpired);
  const reference = context.world.id();
  context.log.error({ reference, inbound, err: error }, "a fault while answering in Slack");
  return text.bug(reference);
}

/** Channels are told by name. */
function sentenceFor({ code, facts }: Refusal, text: Text): string {
  const named =
    "channels" in facts
      ? { ...facts, channels: facts.channels.map(channelKey) }
      : "channel" in facts
        ? { ...facts, channel: channelKey(facts.channel) }
        : facts;
  return refusalSentence(text, { code, facts: named });
}
