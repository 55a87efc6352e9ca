import type { Interaction } from "discord.js";
import { Client, Events, GatewayIntentBits, Options } from "discord.js";
import type { Log } from "../../world.ts";
import { errorFacts } from "./failure.ts";

export interface GatewayOptions {
  readonly token: string;
  /** Without its version, as in https://discord.com/api. */
  readonly apiUrl: string;
  readonly contentIntent: boolean;
  readonly shards: "auto" | number;
}

/** The connection on which interactions arrive; discord.js keeps it alive, resumes it, and spreads it over shards. */
export interface Gateway {
  connect(): Promise<void>;
  close(): Promise<void>;
  ready(): boolean;
}

export function createGateway(
  options: GatewayOptions,
  log: Log,
  onInteraction: (interaction: Interaction) => void,
): Gateway {
  const client = new Client({
    intents: intentsFor(options),
    makeCache: Options.cacheWithLimits({
      MessageManager: 0,
      GuildMessageManager: 0,
      DMMessageManager: 0,
      GuildMemberManager: 0,
      UserManager: { maxSize: 0, keepOverLimit: ({ id, client }) => id === client.user.id },
    }),
    rest: { api: options.apiUrl.replace(/\/+$/, "") },
    ...(options.shards === "auto" ? { shards: "auto" } : { shardCount: options.shards }),
  });
  client.on(Events.InteractionCreate, onInteraction);
  client.on(Events.Warn, (warning) => log.warn({ warning }, "discord: a warning of the client"));
  client.on(Events.Error, (error) => log.error(errorFacts(error), "discord: an error of the client"));
  client.on(Events.ShardError, (error, shard) => {
    log.error({ shard, ...errorFacts(error) }, "discord: a gateway connection failed");
  });
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ shard, code }, "discord: the gateway closed a connection for good");
  });

  return {
    async connect() {
      const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
      await client.login(options.token);
      await ready;
    },
    async close() {
      client.off(Events.InteractionCreate, onInteraction);
      await client.destroy();
    },
    ready: () => client.isReady(),
  };
}

/** Interactions need no intent, and without any the client holds no guilds in memory (facts: 101 instead of 274 MB). */
function intentsFor({ contentIntent }: GatewayOptions): GatewayIntentBits[] {
  const { GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
  return contentIntent ? [GuildMessages, DirectMessages, MessageContent] : [];
}
