import type { Server } from "node:http";
import { FakeGateway } from "./gateway.ts";
import { listen } from "./http.ts";
import type { FormValues, OptionValue, Where } from "./member.ts";
import { buttonId, commandData, interact, menuData, modalData } from "./member.ts";
import { directChannel } from "./messages.ts";
import { type Posting, say, tell } from "./posts.ts";
import { restOf } from "./rest.ts";
import {
  type FakeChannel,
  type FakeDiscordOptions,
  type FakeFault,
  type FakeGuild,
  type FakeInteraction,
  type FakeMessage,
  FakeState,
  type FakeUser,
  type SeenRequest,
} from "./state.ts";

export type { FakeChannel, FakeInteraction, FakeMessage, FakeUser };

/**
 * A Discord on 127.0.0.1: gateway, REST API and CDN over real sockets, with Discord's limits, deadlines and permissions.
 * Members act by the methods below; whatever rule the bot breaks is written to `violations`.
 */
export async function startFakeDiscord(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const state = new FakeState(options);
  return new FakeDiscord(state, await listen(state, restOf(state)));
}

export class FakeDiscord {
  readonly state: FakeState;
  readonly gateway: FakeGateway;
  /** A channel of a guild that installed the bot; members act there unless told otherwise. */
  readonly general: FakeChannel;
  readonly #server: Server;

  constructor(state: FakeState, server: Server) {
    this.state = state;
    this.gateway = new FakeGateway(server, state);
    this.general = this.channel(this.guild());
    this.#server = server;
  }

  /** For DISCORD_API_URL. */
  get url(): string {
    return `${this.state.origin}/api`;
  }

  /** For DISCORD_TOKEN. */
  get token(): string {
    return this.state.token;
  }

  get violations(): readonly string[] {
    return this.state.violations;
  }

  get requests(): readonly SeenRequest[] {
    return this.state.requests;
  }

  user(name: string): FakeUser {
    const user = { id: this.state.snowflake(), name, dmsClosed: false };
    this.state.users.set(user.id, user);
    return user;
  }

  /** `installed: false`: the bot is there only where members bring it along. */
  guild(installed = true, given: Partial<FakeGuild> = {}): FakeGuild {
    const guild = { id: this.state.snowflake(), installed, locale: "en-US", premiumTier: 0, ...given };
    this.state.guilds.set(guild.id, guild);
    this.gateway.announce(guild);
    return guild;
  }

  /** A channel of a guild, or a group chat of members. */
  channel(guild?: FakeGuild): FakeChannel {
    const may = { view: true, send: true, history: true };
    const id = this.state.snowflake();
    const channel: FakeChannel = { id, kind: guild ? "guild" : "group", guild, nsfw: false, may, deleted: false };
    this.state.channels.set(id, channel);
    this.gateway.tellOf(channel, "CREATE");
    return channel;
  }

  /** A channel of posts; `media`: of posts with images. */
  forum(guild: FakeGuild, given: Partial<FakeChannel> = {}): FakeChannel {
    const may = { view: true, send: true, history: true };
    const id = this.state.snowflake();
    const forum: FakeChannel = { id, kind: "forum", guild, nsfw: false, may, deleted: false, name: "posts", ...given };
    this.state.channels.set(id, forum);
    this.gateway.tellOf(forum, "CREATE");
    return forum;
  }

  thread(parent: FakeChannel): FakeChannel {
    const id = this.state.snowflake();
    const may = { view: true, send: true, history: true };
    const thread: FakeChannel = { ...parent, id, may, kind: "thread", parent };
    this.state.channels.set(id, thread);
    this.gateway.tellOf(thread, "CREATE");
    return thread;
  }

  /** Changes what the bot may do in a channel, and tells the bot. */
  allow(channel: FakeChannel, may: Partial<FakeChannel["may"]>): void {
    Object.assign(channel.may, may);
    this.gateway.tellOf(channel, "UPDATE");
  }

  /** Writes a message, in the general channel unless told otherwise. */
  say(user: FakeUser, content: string, posting: Posting = {}): FakeMessage {
    return say(this.state, this.gateway, user, content, { channel: this.general, ...posting });
  }

  /** Delivers a message to the bot once more. */
  repeat(message: FakeMessage): void {
    tell(this.state, this.gateway, message);
  }

  /** Chooses a command from a message's menu. */
  choose(user: FakeUser, message: FakeMessage, name: string, where: Where = {}): FakeInteraction {
    const place = { channel: message.channel, ...where };
    return this.#act("command", user, place, menuData(this.state, message, name));
  }

  /** Gives what somebody writes to name the bot. */
  get mention(): string {
    return `<@${this.state.botId}>`;
  }

  /** The direct messages between the bot and a user. */
  direct(user: FakeUser): FakeChannel {
    return directChannel(this.state, user);
  }

  /** Types a slash command. */
  command(
    user: FakeUser,
    name: string,
    values: Readonly<Record<string, OptionValue>> = {},
    where: Where = {},
  ): FakeInteraction {
    return this.#act("command", user, where, commandData(this.state, where.channel ?? this.general, name, values));
  }

  /** Types into an option with autocomplete, without sending. */
  type(
    user: FakeUser,
    name: string,
    option: string,
    typed: string,
    where: Where & { readonly others?: Readonly<Record<string, string | number>> } = {},
  ): FakeInteraction {
    const others = Object.entries(where.others ?? {}).map(([key, value]) => ({ name: key, type: 3, value }));
    const options = [...others, { name: option, type: 3, value: typed, focused: true }];
    const [command = name, subcommand] = name.split(" ");
    const inside = subcommand === undefined ? options : [{ name: subcommand, type: 1, options }];
    return this.#act("autocomplete", user, where, {
      id: "1200000000000000000",
      name: command,
      type: 1,
      options: inside,
    });
  }

  /** Presses the button with this label. */
  press(user: FakeUser, message: FakeMessage, label: string, where: Where = {}): FakeInteraction {
    return this.forge(user, message, buttonId(message, label), where);
  }

  /** Presses a button with an id of one's own making. */
  forge(user: FakeUser, message: FakeMessage, custom_id: string, where: Where = {}): FakeInteraction {
    const place = { channel: message.channel, ...where };
    return this.#act("button", user, place, { custom_id, component_type: 2 }, message);
  }

  /** Fills in and sends the form that a press opened. */
  submitModal(user: FakeUser, pressed: FakeInteraction, values: FormValues, where: Where = {}): FakeInteraction {
    return this.#act("modal", user, { ...pressed, ...where }, modalData(this.state, pressed, values), pressed.source);
  }

  /** Lists the messages that everybody in a channel sees, oldest first. */
  messages(channel: FakeChannel): FakeMessage[] {
    return this.state.messages.filter((each) => each.channel === channel && !each.ephemeral);
  }

  /** The next matching requests go wrong. */
  fail(fault: FakeFault): void {
    this.state.faults.push({ ...fault, left: fault.times ?? 1 });
  }

  /** Moves Discord's clock, by which deadlines, tokens and nonces age. */
  advance(ms: number): void {
    this.state.advance(ms);
  }

  /** Resolves with the first answer that is not undefined or false, looking again after each thing that happens. */
  until<Found>(look: () => Found | undefined | false, what: string): Promise<Found> {
    return this.state.until(look, what);
  }

  /** Answers with 401, 403 or 429: 10,000 of them in 10 minutes are a ban. */
  get invalidRequests(): number {
    return this.requests.filter(({ status }) => status === 401 || status === 403 || status === 429).length;
  }

  async stop(): Promise<void> {
    this.gateway.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #act(kind: FakeInteraction["kind"], user: FakeUser, where: Where, data: unknown, source?: FakeMessage) {
    const { channel = this.general, locale = "en-US", ageMs = 0, roles = [], admin = false } = where;
    const act = { kind, user, channel, locale, source, ageMs, data, roles, admin };
    return interact(this.state, this.gateway, act);
  }
}
