import type { Interaction } from "discord.js";
import type { Platform, PlatformContext } from "../platform.ts";
import { createApi } from "./api.ts";
import { deliverer } from "./deliver.ts";
import { DiscordFailure, errorFacts } from "./failure.ts";
import { createGateway } from "./gateway.ts";
import { answer } from "./interactions.ts";
import { register } from "./register.ts";
import { renderRegistration } from "./registration.ts";

export interface DiscordOptions {
  readonly token: string;
  /** Without its version, as in https://discord.com/api. */
  readonly apiUrl: string;
  /** Register in this guild alone: at once, for trying out. */
  readonly guildId?: string | undefined;
  readonly contentIntent: boolean;
  readonly shards: "auto" | number;
}

/** Discord as one of the bot's platforms. */
export function createDiscord(options: DiscordOptions, context: PlatformContext): Platform {
  const { commands, log } = context;
  const api = createApi(options);
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  function onInteraction(interaction: Interaction): void {
    const handling = answer(interaction, { api, context, signal: stopping.signal })
      .catch((error) => {
        log.error({ interaction: interaction.id, ...errorFacts(error) }, "discord: an interaction was not answered");
      })
      .finally(() => underWay.delete(handling));
    underWay.add(handling);
  }

  const gateway = createGateway(options, log, onInteraction);
  return {
    name: "discord",
    start: () =>
      inOneSentence(options, async () => {
        const sent = await register(api, renderRegistration(commands), options.guildId);
        log.info({ sent }, "discord: commands are registered");
        await gateway.connect();
      }),
    async stop() {
      stopping.abort();
      await gateway.close();
      await Promise.all(underWay);
    },
    ready: () => gateway.ready(),
    check: () => inOneSentence(options, api.me),
    deliver: deliverer(api, context),
  };
}

async function inOneSentence({ apiUrl }: DiscordOptions, connect: () => Promise<unknown>): Promise<void> {
  try {
    await connect();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof DiscordFailure && error.status === 401) {
      throw new Error("Discord does not accept DISCORD_TOKEN.");
    }
    if (reason.includes("disallowed intents")) {
      throw new Error("Discord withholds DISCORD_CONTENT_INTENT: switch Message Content on in its developer portal.");
    }
    throw new Error(`Discord cannot be reached at ${apiUrl}: ${reason}.`);
  }
}
