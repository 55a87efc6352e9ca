import type { APIInteractionResponse } from "discord.js";
import { InteractionResponseType, MessageFlags, RESTJSONErrorCodes } from "discord.js";
import type { World } from "../../../world.ts";
import type { PlatformContext } from "../../platform.ts";
import type { DiscordApi } from "../rest/api.ts";
import { DiscordFailure, errorFacts } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";

/** "Thinking…", visible to the caller alone. */
export const thinking: APIInteractionResponse = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
};

/** The message that carries the button will change; nothing is visible yet. */
export const thinkingInPlace: APIInteractionResponse = { type: InteractionResponseType.DeferredMessageUpdate };

/** Words at once, for the caller's eyes. */
export function saying({ components }: Outgoing): APIInteractionResponse {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      flags: MessageFlags.Ephemeral | MessageFlags.IsComponentsV2,
      components: [...components],
      allowed_mentions: { parse: [] },
    },
  };
}

/** Two tries fit into the 3 s that Discord waits. */
const tryMs = 1350;

async function within<Answer>(
  ms: number,
  world: Pick<World, "sleep">,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const [limit, over] = [new AbortController(), new AbortController()];
  void world.sleep(ms, over.signal).then(() => limit.abort());
  try {
    return await call(limit.signal);
  } finally {
    over.abort();
  }
}

/**
 * Gives an interaction its first answer, and resolves to whether it counted. It does not when Discord gave up waiting
 * (10062) or another process was faster (40060): the caller was then told so by Discord, and nothing may be started.
 */
export async function respond(
  api: DiscordApi,
  interaction: { id: string; token: string },
  response: APIInteractionResponse,
  { log, observer, world }: Pick<PlatformContext, "log" | "observer" | "world">,
): Promise<boolean> {
  for (const attempt of [1, 2]) {
    try {
      await within(tryMs, world, (signal) => api.respond(interaction, response, signal));
      return true;
    } catch (error) {
      if (!(error instanceof DiscordFailure)) throw error;
      // When the first try got no answer, "already acknowledged" means that it had arrived.
      if (attempt === 2 && error.code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged) return true;
      log.warn({ interaction: interaction.id, ...errorFacts(error) }, "discord: an interaction was not acknowledged");
      if (error.kind === "later" && attempt === 1) continue;
      observer.unacknowledged?.({ platform: "discord", code: error.code });
      return false;
    }
  }
  return false;
}
