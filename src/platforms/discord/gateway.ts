import type { GatewayDispatchPayload } from "discord.js";
import { Client, Events, GatewayIntentBits } from "discord.js";
import type { Log } from "../../world.ts";
import { errorFacts } from "./rest/failure.ts";

export interface GatewayOptions {
  readonly token: string;
  /** Without its version, as in https://discord.com/api. */
  readonly apiUrl: string;
  readonly contentIntent: boolean;
  readonly shards: "auto" | number | { readonly ids: readonly number[]; readonly of: number };
}

/** The connection on which events arrive; discord.js keeps it alive, resumes it, and spreads it over shards. */
export interface Gateway {
  connect(): Promise<void>;
  close(): Promise<void>;
  ready(): boolean;
  /** The bot's own user id, once it is connected. */
  self(): string | undefined;
}

/**
 * Events are taken as Discord sent them. The library would hold them back until every guild has arrived, keep every guild
 * in memory (facts: 274 instead of 101 MB), and end the process over a message that it cannot read.
 */
export function createGateway(
  options: GatewayOptions,
  log: Log,
  onEvent: (packet: GatewayDispatchPayload) => void,
): Gateway {
  const client = createClient(options);
  let listening = true;
  const hear = (packet: GatewayDispatchPayload) => {
    try {
      if (listening) onEvent(packet);
    } catch (error) {
      log.error({ event: packet.t, ...errorFacts(error) }, "discord: an event could not be read");
    }
    if (!forTheLibrary.has(packet.t)) Object.assign(packet, { t: "TAKEN" }); // it looks for a handler by this name
  };
  client.on(Events.Raw as never, hear as never); // not in the library's types
  logTroubles(client, log);
  return {
    async connect() {
      const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
      await client.login(options.token);
      await ready;
    },
    async close() {
      listening = false;
      await client.destroy();
    },
    ready: () => client.isReady(),
    self: () => client.user?.id,
  };
}

/** What connections live by. */
const forTheLibrary = new Set<string>(["READY", "RESUMED"]);

function createClient(options: GatewayOptions): Client {
  return new Client({
    intents: intentsFor(options),
    waitGuildTimeout: 0,
    rest: { api: options.apiUrl.replace(/\/+$/, "") },
    ...sharding(options.shards),
  });
}

function sharding(shards: GatewayOptions["shards"]) {
  if (shards === "auto") return { shards } as const;
  return typeof shards === "number" ? { shardCount: shards } : { shards: [...shards.ids], shardCount: shards.of };
}

/**
 * None of these needs Discord's leave. Guilds: to hear that the bot was removed. Messages: Discord leaves out the content
 * of those that do not address the bot, unless the operator asked for it.
 */
function intentsFor({ contentIntent }: GatewayOptions): GatewayIntentBits[] {
  const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
  return [Guilds, GuildMessages, DirectMessages, ...(contentIntent ? [MessageContent] : [])];
}

function logTroubles(client: Client, log: Log): void {
  client.on(Events.Warn, (warning) => log.warn({ warning }, "discord: a warning of the client"));
  client.on(Events.Error, (error) => log.error(errorFacts(error), "discord: an error of the client"));
  client.on(Events.ShardError, (error, shard) => {
    log.error({ shard, ...errorFacts(error) }, "discord: a gateway connection failed");
  });
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ shard, code }, "discord: the gateway closed a connection for good");
  });
}
