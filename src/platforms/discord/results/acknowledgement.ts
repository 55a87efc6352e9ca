import { type APIMessage, RESTJSONErrorCodes } from "discord.js";
import type { Log, World } from "../../../world.ts";
import type { Sealer } from "../../seal.ts";
import type { ReplyTarget } from "../reply-target.ts";
import { liveToken } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import { DiscordFailure, errorFacts } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";

/**
 * The first answer to a member: the private message that answered a command, within reach while its token lives; or the
 * bot's reply to a message, for ever. Every call resolves to undefined once it is out of reach, and then does not try
 * again; it throws DiscordFailure when a later try may succeed.
 */
export interface Acknowledgement {
  edit(message: Outgoing): Promise<APIMessage | undefined>;
  /** Adds a message: for the caller's eyes, or for the whole channel. */
  add(message: Outgoing, to: "caller" | "channel"): Promise<APIMessage | undefined>;
  /** Writes a message anew that was added. */
  editAdded(id: string, message: Outgoing): Promise<APIMessage | undefined>;
  remove(): Promise<true | undefined>;
  /** The message as Discord shows it now. */
  look(): Promise<APIMessage | undefined>;
}

interface Deps {
  readonly world: World;
  readonly seal: Sealer;
  readonly log: Log;
}

export function acknowledgementAt(target: ReplyTarget, api: DiscordApi, deps: Deps): Acknowledgement {
  return target.answer === undefined ? byToken(target, api, deps) : byMessage(target, target.answer, api, deps);
}

function byToken(target: ReplyTarget, api: DiscordApi, { world, seal, log }: Deps): Acknowledgement {
  const { application } = target;
  const reach = reaching(log);
  const use = <Answer>(call: (token: string) => Promise<Answer>, beside = false) =>
    reach(async () => {
      const token = liveToken(target, seal, world);
      return token === undefined ? undefined : call(token);
    }, beside);
  return {
    edit: (message) => use((token) => twice(() => api.editOriginal(application, token, message))),
    add: (message, to) => use((token) => api.followUp(application, token, message, to), true),
    editAdded: (id, message) => use((token) => api.editFollowUp(application, token, id, message), true),
    remove: () => use(async (token) => api.deleteOriginal(application, token).then(() => true as const)),
    look: () => use((token) => api.original(application, token)),
  };
}

function byMessage({ channel, guild, asked }: ReplyTarget, answer: string, api: DiscordApi, { world, log }: Deps) {
  const reach = reaching(log);
  const at = { channel, guild };
  return {
    edit: (message: Outgoing) => reach(() => twice(() => api.edit(at, answer, message))),
    add: (message: Outgoing) => reach(() => api.post(at, message, { nonce: world.id().slice(-25), replyTo: asked })),
    editAdded: (id: string, message: Outgoing) => reach(() => api.edit(at, id, message)),
    remove: () => reach(async () => api.remove(at, answer).then(() => true as const)),
    look: () => reach(() => api.message(at, answer)),
  };
}

/** Refusals that say nothing of the token: the message is deleted, or its thread is archived or locked. */
const ofTheMessage: readonly number[] = [
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.InvalidActionOnArchivedThread,
  RESTJSONErrorCodes.ThreadLocked,
];

/** Gives up for good at the first closed door; where the message alone is gone, one beside it may still be added. */
function reaching(log: Log) {
  let lost: "message" | "all" | undefined;
  return async <Answer>(call: () => Promise<Answer | undefined>, beside = false): Promise<Answer | undefined> => {
    if (lost === "all" || (lost === "message" && !beside)) return undefined;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof DiscordFailure) || error.kind !== "closed") throw error;
      lost = ofTheMessage.includes(error.code) ? "message" : "all";
      log.info(errorFacts(error), "discord: an acknowledgement is out of reach");
      return undefined;
    }
  };
}

/** Without an answer the second try is safe: an edit leaves the same message however often it arrives. */
async function twice(call: () => Promise<APIMessage>): Promise<APIMessage> {
  try {
    return await call();
  } catch (error) {
    const unanswered = error instanceof DiscordFailure && error.kind === "later" && (error.status ?? 500) >= 500;
    if (!unanswered) throw error;
    return call();
  }
}
