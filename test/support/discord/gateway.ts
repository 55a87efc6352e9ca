import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { shownChannel, shownUser, usualPermissions } from "./shown.ts";
import type { FakeChannel, FakeGuild, FakeState } from "./state.ts";

const privileged = (1 << 1) | (1 << 8) | (1 << 15);
const messageContent = 1 << 15;
const guildsIntent = 1 << 0;

interface Session {
  readonly id: string;
  readonly shard: readonly [number, number];
  readonly intents: number;
  socket: WebSocket | undefined;
  /** Every dispatch, so that a resumed session gets what it missed. */
  readonly sent: { op: 0; t: string; s: number; d: unknown }[];
}

interface Identify {
  readonly token: string;
  readonly intents: number;
  readonly shard?: [number, number];
}

interface Resume {
  readonly token: string;
  readonly session_id: string;
  readonly seq: number;
}

/** The gateway: hello, identify, heartbeats, dispatches, resume. */
export class FakeGateway {
  /** The intents of each identify. */
  readonly identifies: number[] = [];
  heartbeats = 0;
  resumes = 0;
  /** Connections that were tried, refused ones too. */
  tries = 0;
  /** How it treats the bot: `away` takes no connection, `mute` hears nothing, a number closes each session at once. */
  mood: "well" | "away" | "mute" | number = "well";
  readonly #state: FakeState;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Map<string, Session>();

  constructor(server: Server, state: FakeState) {
    this.#state = state;
    this.#sockets = new WebSocketServer({ server, verifyClient: (_info, answer) => this.#admit(answer) });
    this.#sockets.on("connection", (socket) => this.#welcome(socket));
  }

  /** Sends an event to the sessions of the guild's shard that asked for its kind; `intent` 0 is sent to all. */
  dispatch(type: string, data: unknown, guild: string | undefined, intent = 0): void {
    const sent = this.#state.rewrite(type, data);
    for (const session of this.#sessions.values()) {
      const [shard, of] = session.shard;
      const wanted = intent === 0 || (session.intents & intent) !== 0;
      if (wanted && shard === Number((BigInt(guild ?? 0) >> 22n) % BigInt(of))) push(session, type, sent);
    }
  }

  /** A guild as the bot learns of it. */
  announce(guild: FakeGuild): void {
    if (guild.installed) this.dispatch("GUILD_CREATE", shownGuild(this.#state, guild), guild.id, guildsIntent);
  }

  /** A channel or thread as the bot learns of it, or of its permissions there. */
  tellOf(channel: FakeChannel, what: "CREATE" | "UPDATE" | "DELETE"): void {
    const { guild, kind } = channel;
    const type = `${kind === "thread" ? "THREAD" : "CHANNEL"}_${what}`;
    if (guild?.installed) this.dispatch(type, shownChannel(channel), guild.id, guildsIntent);
  }

  /** The bot is thrown out; `outage`: only Discord's own servers are down. */
  leave(guild: FakeGuild, outage = false): void {
    const data = { id: guild.id, ...(outage ? { unavailable: true } : {}) };
    this.dispatch("GUILD_DELETE", data, guild.id, guildsIntent);
  }

  /** Cuts every connection, or that of one shard, as Discord does now and then; the sessions can be resumed. */
  drop(shard?: number): void {
    for (const session of this.#sessions.values()) {
      if (shard === undefined || session.shard[0] === shard) session.socket?.close(4000, "Unknown error");
    }
  }

  /** Goes away without a word; `mood` says when it takes connections again. */
  vanish(): void {
    this.mood = "away";
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** Shards that are connected. */
  get connected(): number {
    return [...this.#sessions.values()].filter(({ socket }) => socket).length;
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #admit(answer: (welcome: boolean, status?: number) => void): void {
    this.tries += 1;
    answer(this.mood !== "away", 503);
    this.#state.changed();
  }

  #welcome(socket: WebSocket): void {
    send(socket, { op: 10, d: { heartbeat_interval: this.#state.options.heartbeatMs ?? 41_250 } });
    socket.on("message", (raw) => {
      if (this.mood !== "mute") this.#receive(socket, JSON.parse(String(raw)));
      this.#state.changed();
    });
    socket.on("close", (code) => {
      const session = [...this.#sessions.values()].find((each) => each.socket === socket);
      if (session && code === 1000) this.#sessions.delete(session.id);
      if (session) session.socket = undefined;
      this.#state.changed();
    });
  }

  #receive(socket: WebSocket, { op, d }: { op: number; d: unknown }): void {
    if (op === 1) {
      this.heartbeats += 1;
      send(socket, { op: 11 });
    }
    if (op === 2) this.#identify(socket, d as Identify);
    if (op === 6) this.#resume(socket, d as Resume);
    if (op !== 1 && typeof this.mood === "number") socket.close(this.mood);
  }

  #identify(socket: WebSocket, { token, intents, shard = [0, 1] }: Identify): void {
    const { options, origin, applicationId } = this.#state;
    this.identifies.push(intents);
    const allowed = options.contentIntent ? messageContent : 0;
    if (token !== this.#state.token) socket.close(4004, "Authentication failed.");
    else if (intents & privileged & ~allowed) socket.close(4014, "Disallowed intent(s).");
    else {
      const session: Session = { id: this.#state.snowflake(), shard, intents, socket, sent: [] };
      this.#sessions.set(session.id, session);
      push(session, "READY", {
        ...{
          v: 10,
          user: shownUser(this.#state, this.#state.botId),
          guilds: this.#waiting(shard),
          session_id: session.id,
          shard,
        },
        resume_gateway_url: origin.replace("http", "ws"),
        application: { id: applicationId, flags: 0 },
      });
      for (const guild of this.#guildsOf(shard))
        if (intents & guildsIntent) push(session, "GUILD_CREATE", shownGuild(this.#state, guild));
    }
  }

  #guildsOf([shard, of]: readonly [number, number]): FakeGuild[] {
    const installed = [...this.#state.guilds.values()].filter((guild) => guild.installed);
    return installed.filter(({ id }) => shard === Number((BigInt(id) >> 22n) % BigInt(of)));
  }

  #waiting(shard: readonly [number, number]): object[] {
    return this.#guildsOf(shard).map(({ id }) => ({ id, unavailable: true }));
  }

  #resume(socket: WebSocket, { token, session_id, seq }: Resume): void {
    const session = this.#sessions.get(session_id);
    if (!session || token !== this.#state.token) {
      send(socket, { op: 9, d: false });
      return;
    }
    this.resumes += 1;
    session.socket = socket;
    for (const packet of session.sent) if (packet.s > seq) send(socket, packet);
    push(session, "RESUMED", {});
  }
}

function shownGuild(state: FakeState, guild: FakeGuild): object {
  const { id, locale, premiumTier, joinedAt } = guild;
  const places = [...state.channels.values()].filter((channel) => channel.guild === guild && !channel.deleted);
  const lists = {
    channels: places.filter(({ kind }) => kind === "guild").map(shownChannel),
    threads: places.filter(({ kind }) => kind === "thread").map(shownChannel),
    members: [{ user: shownUser(state, state.botId), roles: [], flags: 0, communication_disabled_until: null }],
    roles: [{ id, name: "@everyone", permissions: String(usualPermissions) }],
  };
  const empty = { emojis: [], stickers: [], features: [] };
  return {
    id,
    name: "A guild",
    preferred_locale: locale,
    premium_tier: premiumTier,
    member_count: 3,
    ...(joinedAt === undefined ? {} : { joined_at: joinedAt }),
    ...lists,
    ...empty,
  };
}

function push({ sent, socket }: Session, t: string, d: unknown): void {
  const packet = { op: 0, t, s: sent.length + 1, d } as const;
  sent.push(packet);
  if (socket) send(socket, packet);
}

function send(socket: WebSocket, packet: object): void {
  socket.send(JSON.stringify({ t: null, s: null, d: null, ...packet }));
}
