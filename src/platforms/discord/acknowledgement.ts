import type { APIMessage } from "discord.js";
import type { Log, World } from "../../world.ts";
import type { Sealer } from "../platform.ts";
import type { DiscordApi, Outgoing } from "./api.ts";
import { DiscordFailure, errorFacts } from "./failure.ts";
import type { Place } from "./place.ts";
import { liveToken } from "./place.ts";

/**
 * The private message that answered a command, within reach while its token lives. Both calls resolve to undefined once
 * it is out of reach, and then do not try again; they throw DiscordFailure when a later try may succeed.
 */
export interface Acknowledgement {
  edit(message: Outgoing): Promise<APIMessage | undefined>;
  /** Adds a message: for the caller's eyes, or for the whole channel. */
  add(message: Outgoing, to: "caller" | "channel"): Promise<APIMessage | undefined>;
}

interface Surroundings {
  readonly world: World;
  readonly seal: Sealer;
  readonly log: Log;
}

export function acknowledgementAt(place: Place, api: DiscordApi, { world, seal, log }: Surroundings): Acknowledgement {
  let lost = false;

  async function reach(call: (token: string) => Promise<APIMessage>): Promise<APIMessage | undefined> {
    const token = liveToken(place, seal, world);
    if (lost || token === undefined) return undefined;
    try {
      return await call(token);
    } catch (error) {
      if (!(error instanceof DiscordFailure) || error.kind !== "closed") throw error;
      lost = true;
      log.info(errorFacts(error), "discord: an acknowledgement is out of reach");
      return undefined;
    }
  }

  return {
    edit: (message) => reach((token) => twice(() => api.editOriginal(place.application, token, message))),
    add: (message, to) => reach((token) => api.followUp(place.application, token, message, to)),
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
