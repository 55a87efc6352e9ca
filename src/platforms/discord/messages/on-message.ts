import { createHash } from "node:crypto";
import type { APIMessage, GatewayMessageCreateDispatchData } from "discord.js";
import { starterIn } from "../../../command/command.ts";
import { cardReply, type Reply } from "../../../command/reply.ts";
import type { Caller } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { type Text, textFor } from "../../../text/text.ts";
import { callerOfMessage } from "../caller.ts";
import { renderCard } from "../cards.ts";
import type { AnswerRecord } from "../interactions/answers.ts";
import { sourceOf, withSource } from "../interactions/edit-message.ts";
import { answerOrApology, type DiscordDeps } from "../interactions/invoke.ts";
import { languageOf } from "../languages.ts";
import { originOf, readableWords, type WordsOrigin } from "../names.ts";
import { behindSpoiler, readReplyTarget } from "../reply-target.ts";
import { unlessClosed } from "../rest/api.ts";
import { DiscordFailure, errorFacts } from "../rest/failure.ts";
import { acknowledgementAt } from "../results/acknowledgement.ts";
import { type Answering, showReply } from "../results/reply.ts";
import { type Addressed, readMessage } from "./read-message.ts";

/** Tells who the bot is. */
export interface Self {
  readonly user: string;
  readonly application: string;
}

/** Edits by reply, mention and direct message: the bot's own reply follows the job, and becomes the result. */
export async function onMessage(
  message: GatewayMessageCreateDispatchData,
  self: Self,
  deps: DiscordDeps,
): Promise<void> {
  const complete = await withReplied(message, self, deps);
  const addressed = readMessage(complete, self.user);
  if (!addressed) return;
  const { api, context, facts, signal } = deps;
  const log = context.log.child({ message: message.id });
  const locale = await languageOf(message, facts, context.cache);
  const text = textFor(locale);
  const answer = await firstAnswer(message, text, deps);
  if (!answer) return;
  const { application } = self;
  const at = { channel: answer.channel_id, id: answer.id };
  const asking = await callerOfMessage({ message, answer: at, application, locale }, facts);
  const caller = addressed.spoiler ? behindSpoiler(asking) : asking;
  const target = readReplyTarget(caller.replyTarget);
  const acknowledgement = acknowledgementAt(target, api, { world: context.world, seal: context.seal, log });
  const answering: Answering = { api, context, caller, place: target, acknowledgement, text, log, signal };
  const reply = await answerOrApology(() => ask(addressed, caller, originOf(message, text), deps), answering);
  if ("apology" in reply) await acknowledgement.edit(renderCard(reply.apology));
  else await showReply(reply, answering);
}

function nullWhereGone(error: unknown): null {
  if (error instanceof DiscordFailure && error.status === 404) return null;
  throw error;
}

/** Discord leaves out the message that is replied to now and then. */
async function withReplied(message: GatewayMessageCreateDispatchData, self: Self, { api }: DiscordDeps) {
  const { message_reference: at, referenced_message: replied, mentions, guild_id } = message;
  const mine = !guild_id || (mentions ?? []).some(({ id }) => id === self.user);
  if (replied !== undefined || !at?.message_id || at.type === 1 || !mine) return message;
  const place = { channel: at.channel_id ?? message.channel_id, guild: guild_id || undefined };
  const found = await unlessClosed(api.message(place, at.message_id).catch(nullWhereGone));
  return found === undefined ? message : { ...message, referenced_message: found };
}

/**
 * "One moment": where the message stands or, where the bot may not write, in direct messages. The same event gives the
 * same answer however often Discord sends it.
 */
async function firstAnswer(
  { id, channel_id, guild_id, author }: GatewayMessageCreateDispatchData,
  text: Text,
  { api, context: { log } }: DiscordDeps,
): Promise<APIMessage | undefined> {
  const card = renderCard(text.discord.reading());
  const guild = guild_id || undefined;
  const nonce = createHash("sha256").update(`answer:${id}`).digest("base64url").slice(0, 25);
  const open = await unlessClosed(twice(() => api.post({ channel: channel_id, guild }, card, { nonce, replyTo: id })));
  if (open) return open;
  try {
    const direct = await api.openDirect(author.id, guild);
    return await twice(() => api.post(direct, card, { nonce }));
  } catch (error) {
    log.warn({ message: id, ...errorFacts(error) }, "discord: a message could not be answered");
    return undefined;
  }
}

/** The nonce makes a second try safe. */
async function twice<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof DiscordFailure) || error.kind !== "later" || error.retryAfterMs > 10_000) throw error;
    return call();
  }
}

async function ask(addressed: Addressed, caller: Caller, origin: WordsOrigin, deps: DiscordDeps): Promise<Reply> {
  const { api, context } = deps;
  const { commands, usecases, cache } = context;
  const { text } = origin;
  const { words, attached, shown, ours, hidden, unusable } = addressed;
  if (unusable.length > 0) throw new Refusal("image-format", { filename: unusable.join(", ") });
  if (hidden && attached.length === 0) return cardReply(text.discord.hiddenImage());
  if (words.prompt === "") return cardReply(text.discord.sayWhat());
  const editing = shown.length + attached.length > 0;
  const command = starterIn(commands, editing ? "from-images" : "from-words");
  if (!command) throw new Error("there is no command for messages");
  const { words: prompt, plainWords } = await readableWords(words.prompt, origin, { api, cache });
  const { asWritten: written, ...options } = words;
  const readable = written && (await readableWords(written.prompt, origin, { api, cache }));
  const asWritten = readable && { ...written, prompt: readable.words };
  const read: AnswerRecord = { ...options, prompt, ...(attached.length > 0 ? { images: attached } : {}) };
  const source = shown.length > 0 ? await sourceOf({ ours, images: shown }, { caller, usecases }) : undefined;
  const answers = source ? withSource(read, source) : read;
  return command.run({ answers, asWritten, plainWords, caller, usecases, text });
}
