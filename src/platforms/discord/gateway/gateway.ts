import type { GatewayDispatchPayload } from "discord.js";
import { Client, Events, GatewayIntentBits, GatewayOpcodes, SimpleShardingStrategy } from "discord.js";
import type { Log, World } from "../../../world.ts";
import { errorFacts } from "../rest/failure.ts";
import { createShards, type Shards } from "./shards.ts";

export interface GatewayOptions {
  readonly token: string;
  /** Without its version, as in https://discord.com/api. */
  readonly apiUrl: string;
  readonly contentIntent: boolean;
  readonly shards: "auto" | number | { readonly ids: readonly number[]; readonly of: number };
}

/** The connection on which events arrive; discord.js keeps it alive, resumes it, and spreads it over shards. */
export interface Gateway {
  /** Resolves once every shard is connected; may be called again after it failed. */
  connect(): Promise<void>;
  close(): Promise<void>;
  /** Every shard is connected at this moment. */
  ready(): boolean;
  /** The bot's own user id, once it is connected. */
  self(): string | undefined;
}

type Hear = (packet: GatewayDispatchPayload) => void;

const probeMs = 5_000;

/**
 * Events are taken as Discord sent them. The library would hold them back until every guild has arrived, keep every guild
 * in memory (facts: 274 instead of 101 MB), and end the process over a message that it cannot read.
 */
export function createGateway(
  options: GatewayOptions,
  { world, log }: { readonly world: Pick<World, "now" | "sleep">; readonly log: Log },
  onEvent: Hear,
): Gateway {
  const stopping = new AbortController();
  let self: string | undefined;
  let open: Connection | undefined;
  const hear: Hear = (packet) => {
    try {
      if (packet.t === "READY") self = packet.d.user.id;
      if (!stopping.signal.aborted) onEvent(packet);
    } catch (error) {
      log.error({ event: packet.t, ...errorFacts(error) }, "discord: an event could not be read");
    }
  };
  return {
    async connect() {
      await open?.close();
      const connection = openConnection(options, { world, log, stopping: stopping.signal }, hear);
      open = connection;
      const stopped = new Promise((resolve) => stopping.signal.addEventListener("abort", resolve));
      await Promise.race([connection.connected, stopped]);
    },
    async close() {
      stopping.abort();
      await open?.close();
    },
    ready: () => !stopping.signal.aborted && open?.shards.ready() === true,
    self: () => self,
  };
}

interface Connection {
  readonly connected: Promise<unknown>;
  readonly shards: Shards;
  close(): Promise<void>;
}

interface ConnectionDeps {
  readonly world: Pick<World, "now" | "sleep">;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

function openConnection(options: GatewayOptions, { world, log, stopping }: ConnectionDeps, hear: Hear): Connection {
  const closing = new AbortController();
  const closed = AbortSignal.any([stopping, closing.signal]);
  const shards = createShards(world, log, closed);
  let managed: Managed | undefined;
  const client = createClient(options, (made) => {
    managed = made;
    paced(made, shards, closed);
  });
  client.on(Events.Raw as never, rawTo(hear) as never); // not in the library's types
  client.on(Events.Warn, (warning) => log.warn({ warning }, "discord: a warning of the client"));
  client.on(Events.Error, (error) => log.error(errorFacts(error), "discord: an error of the client"));
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  void watch(() => managed, shards, { world, closed });
  return {
    connected: client.login(options.token).then(() => ready),
    shards,
    async close() {
      closing.abort();
      const connecting = socketsOf(managed).filter(({ readyState }) => readyState === WebSocket.CONNECTING);
      await client.destroy();
      for (const socket of connecting) socket.terminate(); // the library leaves them open
    },
  };
}

/** The manager inside discord.js, which tells more of its shards than the client does, and the strategy that holds them. */
interface Managed {
  readonly manager: ConstructorParameters<typeof SimpleShardingStrategy>[0];
  readonly strategy: SimpleShardingStrategy;
}

/** The library's own sockets: it forgets those that it gives up while they connect. */
interface Socket {
  readonly readyState: number;
  on(event: "error", ignore: () => void): void;
  listenerCount(event: "error"): number;
  terminate(): void;
}

function socketsOf(managed: Managed | undefined): Socket[] {
  const { shards } = (managed?.strategy ?? { shards: new Map() }) as unknown as {
    readonly shards: ReadonlyMap<number, { readonly connection: Socket | null }>;
  };
  return [...shards.values()].flatMap(({ connection }) => connection ?? []);
}

/** The library hears no error of a socket that it gave up; unheard, one would end the process. */
function hearErrors(managed: Managed): void {
  for (const socket of socketsOf(managed)) if (socket.listenerCount("error") < 2) socket.on("error", () => undefined);
}

/** Lets the library connect at the pace that `shards` sets, and nevermore once it is closed. */
function paced(managed: Managed, shards: Shards, closed: AbortSignal): void {
  const { manager } = managed;
  const { retrieveSessionInfo } = manager.options;
  Object.assign(manager.options, {
    ...{ handshakeTimeout: 8000, helloTimeout: 15_000 },
    async retrieveSessionInfo(shard: number) {
      const failures = await shards.beforeConnecting(shard);
      if (closed.aborted) await new Promise(() => undefined); // the library would connect behind our back
      if (failures === undefined) return retrieveSessionInfo(shard);
      setImmediate(() => hearErrors(managed)); // when the socket is there
      return failures > mostResumes ? null : retrieveSessionInfo(shard);
    },
  });
  const on = (event: string, tell: (event: ShardEvent) => void) => manager.on(event as never, tell as never); // see ShardEvent
  on("hello", ({ shardId }) => shards.greeted(shardId));
  on("ready", ({ shardId }) => shards.opened(shardId));
  on("resumed", ({ shardId }) => shards.opened(shardId));
  on("dispatch", ({ shardId }) => shards.heard(shardId));
  on("heartbeat", ({ shardId }) => shards.heard(shardId));
  on("closed", ({ shardId, code }) => shards.closed(shardId, code));
  on("error", ({ shardId, error }) => shards.failed(shardId, error));
}

/** The library exports the names of these events under a name that it uses for others as well. */
interface ShardEvent {
  readonly shardId: number;
  readonly code: number;
  readonly error: Error;
}

/** A session that cannot be resumed so often is given up: its address may be gone for good. */
const mostResumes = 5;

/** Looks for silent connections: the library itself notices one after a minute and a half. */
async function watch(
  managed: () => Managed | undefined,
  shards: Shards,
  { world, closed }: { readonly world: Pick<World, "sleep">; readonly closed: AbortSignal },
): Promise<void> {
  const ask = async (shard: number) => {
    const manager = managed()?.manager;
    const session = await manager?.options.retrieveSessionInfo(shard);
    await manager?.send(shard, { op: GatewayOpcodes.Heartbeat, d: session?.sequence ?? null });
  };
  for (;;) {
    await world.sleep(probeMs, closed);
    if (closed.aborted) return;
    shards.probe((shard) => void ask(shard).catch(() => undefined)); // it is about to close
  }
}

/** Names what connections live by. */
const forTheLibrary = new Set<string>(["READY", "RESUMED"]);

function rawTo(hear: Hear): Hear {
  return (packet) => {
    hear(packet);
    if (!forTheLibrary.has(packet.t)) Object.assign(packet, { t: "TAKEN" }); // it looks for a handler by this name
  };
}

function createClient(options: GatewayOptions, onManaged: (managed: Managed) => void): Client {
  return new Client({
    intents: intentsFor(options),
    waitGuildTimeout: 0,
    rest: { api: options.apiUrl.replace(/\/+$/, "") },
    ws: {
      buildStrategy(manager) {
        const strategy = new SimpleShardingStrategy(manager);
        onManaged({ manager, strategy });
        return strategy;
      },
    },
    ...sharding(options.shards),
  });
}

function sharding(shards: GatewayOptions["shards"]) {
  if (shards === "auto") return { shards } as const;
  return typeof shards === "number" ? { shardCount: shards } : { shards: [...shards.ids], shardCount: shards.of };
}

/**
 * None of these needs Discord's leave. Guilds: to hear that the bot was removed, and where it may write. Messages: Discord
 * leaves out the content of those that do not address the bot, unless the operator asked for it.
 */
function intentsFor({ contentIntent }: GatewayOptions): GatewayIntentBits[] {
  const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
  return [Guilds, GuildMessages, DirectMessages, ...(contentIntent ? [MessageContent] : [])];
}
