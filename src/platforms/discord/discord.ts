import type { GatewayDispatchPayload } from "discord.js";
import { InteractionType, PermissionFlagsBits } from "discord.js";
import type { Poster } from "../../contract/delivery.ts";
import type { Log } from "../../world.ts";
import type { Platform, PlatformContext } from "../platform.ts";
import { createFacts } from "./facts.ts";
import { createGateway } from "./gateway/gateway.ts";
import { answer } from "./interactions/interactions.ts";
import type { DiscordDeps } from "./interactions/invoke.ts";
import { rememberLanguage } from "./languages.ts";
import { onMessage } from "./messages/on-message.ts";
import { createPermissions, type Permissions } from "./permissions.ts";
import { registerCommands } from "./registration/register.ts";
import { guildKey, guildOf } from "./reply-target.ts";
import { createApi, type DiscordApi } from "./rest/api.ts";
import { errorFacts } from "./rest/failure.ts";
import { channelPoster } from "./results/channel-message.ts";
import { deliverer, undeliverableTeller } from "./results/deliver.ts";
import { eraseMessages } from "./results/erase-messages.ts";
import { inOneSentence, keepTrying } from "./start.ts";
import { channelForWelcome } from "./welcome.ts";

export interface DiscordOptions {
  readonly token: string;
  /** Without its version, as in https://discord.com/api. */
  readonly apiUrl: string;
  /** Register in this guild alone: at once, for trying out. */
  readonly guildId?: string | undefined;
  readonly contentIntent: boolean;
  readonly shards: "auto" | number | { readonly ids: readonly number[]; readonly of: number };
}

/** Discord as one of the bot's platforms. */
export function createDiscord(options: DiscordOptions, context: PlatformContext): Platform {
  const { commands, log, cache, world } = context;
  const permissions = createPermissions(world);
  const api = createApi(options, { world, log, mayPost: permissions.mayPost });
  const facts = createFacts(api, cache);
  const stopping = new AbortController();
  const underWay = new UnderWay(log);
  const deps: DiscordDeps = { api, context, facts, signal: stopping.signal };
  let application = "";

  function onEvent(packet: GatewayDispatchPayload): void {
    facts.heard(packet);
    permissions.heard(packet);
    if (packet.t === "INTERACTION_CREATE" && packet.d.type !== InteractionType.Ping) {
      underWay.handle(answer(packet.d, deps), { interaction: packet.d.id });
      underWay.handle(rememberLanguage(packet.d, cache), { interaction: packet.d.id });
    }
    const user = gateway.self();
    if (packet.t === "MESSAGE_CREATE" && user) {
      underWay.handle(onMessage(packet.d, { user, application }, deps), { message: packet.d.id });
    }
    const change = tenantChange(packet, permissions, context);
    if (change) underWay.handle(change, { event: packet.t });
  }

  const gateway = createGateway(options, { world, log }, onEvent);
  return {
    name: "discord",
    start: () =>
      keepTrying(
        async () => {
          application ||= await introduce(api, options, context);
          await registerCommands({ api, application, commands, guild: options.guildId, log });
          await gateway.connect();
        },
        { apiUrl: options.apiUrl, world, log, stopping: stopping.signal },
      ),
    async stop() {
      stopping.abort();
      await gateway.close();
      await underWay.ended();
    },
    ready: () => gateway.ready(),
    check: async () => void (await inOneSentence(options.apiUrl, api.me)),
    ...postingOver(api, context),
  };
}

/** A server takes the bot in, or throws it out. */
function tenantChange(
  packet: GatewayDispatchPayload,
  permissions: Permissions,
  { usecases, world }: PlatformContext,
): Promise<void> | undefined {
  if (packet.t === "GUILD_DELETE" && !packet.d.unavailable) return usecases.tenantGone(guildKey(packet.d.id));
  if (packet.t !== "GUILD_CREATE") return undefined;
  const channel = channelForWelcome(packet.d, permissions, world.now());
  return channel && usecases.welcome(channel);
}

/** All that is done over REST alone, in any process. */
function postingOver(api: DiscordApi, context: PlatformContext): Omit<Poster, "name"> {
  return {
    deliver: deliverer(api, context),
    ping: async () => void (await api.me()),
    tellUndeliverable: undeliverableTeller(api, context),
    postToChannel: channelPoster(api),
    eraseMessages: (messages, tenant) => eraseMessages(messages, guildOf(tenant), { api, log: context.log }),
  };
}

/** Holds the events that are being answered until each has ended, and logs those that fail. */
class UnderWay {
  readonly #log: Log;
  readonly #handlings = new Set<Promise<void>>();

  constructor(log: Log) {
    this.#log = log;
  }

  handle(what: Promise<void>, event: object): void {
    const handling = what
      .catch((error) => this.#log.error({ ...event, ...errorFacts(error) }, "discord: an event was not answered"))
      .finally(() => this.#handlings.delete(handling));
    this.#handlings.add(handling);
  }

  async ended(): Promise<void> {
    await Promise.all(this.#handlings);
  }
}

/** Prints the link by which a server takes the bot in; resolves to the application's id. */
async function introduce(api: DiscordApi, { apiUrl }: DiscordOptions, { log }: PlatformContext): Promise<string> {
  const { id } = await api.application();
  const link = new URL("/oauth2/authorize", apiUrl);
  link.search = new URLSearchParams({
    client_id: id,
    scope: "bot applications.commands",
    permissions: String(permissions),
  }).toString();
  log.info({ link: link.href }, "discord: add the bot to a server with this link");
  return id;
}

const { ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles, ReadMessageHistory } = PermissionFlagsBits;
const permissions = ViewChannel | SendMessages | SendMessagesInThreads | AttachFiles | ReadMessageHistory;
