import { EventEmitter } from "node:events";
import type {
  APIMessageTopLevelComponent,
  APIModalInteractionResponseCallbackData,
  RESTPutAPIApplicationCommandsJSONBody,
} from "discord-api-types/v10";

export { shownMessage } from "./shown.ts";

/** Options that a test may choose; everything else is Discord's. */
export interface FakeDiscordOptions {
  readonly token?: string;
  readonly port?: number;
  /** The operator switched Message Content on in the developer portal. */
  readonly contentIntent?: boolean;
  /** Guilds beyond 2,500 a shard, as /gateway/bot reports it. */
  readonly shards?: number;
  readonly heartbeatMs?: number;
  /** How many messages a channel takes in a time, and a request beyond them gets 429; Discord tells it in headers. */
  readonly rate?: { readonly messages: number; readonly ms: number };
}

export interface FakeUser {
  readonly id: string;
  readonly name: string;
  /** Takes no direct messages from bots. */
  dmsClosed: boolean;
}

export interface FakeGuild {
  readonly id: string;
  /** The bot is a member; false: members brought it along (user install). */
  readonly installed: boolean;
  locale: string;
  /** 2 and 3 take larger files. */
  premiumTier: number;
  /** Members may use apps there that the server did not install; else all that these say is for their member alone. */
  externalApps?: boolean;
  /** When the bot was taken in; absent: Discord does not say. */
  joinedAt?: string;
}

export interface FakeChannel {
  readonly id: string;
  readonly kind: "guild" | "forum" | "media" | "thread" | "dm" | "group";
  readonly guild: FakeGuild | undefined;
  readonly parent?: FakeChannel;
  nsfw: boolean;
  /** The bot's permissions there. */
  may: { view: boolean; send: boolean; history: boolean; attach?: boolean };
  deleted: boolean;
  /** A thread has a name and somebody who began it; it may be archived, or locked for all but moderators. */
  readonly name?: string;
  readonly owner?: string;
  archived?: boolean;
  locked?: boolean;
  /** A forum has tags for its posts. */
  tags?: readonly { readonly id: string; readonly name: string; readonly moderated: boolean }[];
  requiresTag?: boolean;
  /** A post has some of them. */
  readonly applied?: readonly string[];
}

export interface FakeAttachment {
  readonly id: string;
  readonly filename: string;
  readonly description: string | undefined;
  /** Hidden until somebody looks. */
  readonly spoiler: boolean | undefined;
  readonly size: number;
  readonly url: string;
  readonly bytes: Buffer;
}

export interface FakeMessage {
  readonly id: string;
  readonly channel: FakeChannel;
  /** A user, or the bot. */
  readonly author: string;
  readonly ephemeral: boolean;
  /** Shows "thinking…" until its first edit. */
  thinking: boolean;
  /** The text that people read: the content, or all texts of its components. */
  content: string;
  /** Written in the second kind of components. */
  v2: boolean;
  components: APIMessageTopLevelComponent[];
  attachments: FakeAttachment[];
  /** Links with a preview. */
  readonly embeds: readonly object[];
  /** The message that this one replies to. */
  readonly replyTo: FakeMessage | undefined;
  /** Names of stickers on it. */
  readonly stickers: readonly string[];
  /** Forwarded messages. */
  readonly forwarded: readonly FakeMessage[];
  /** It pings the bot. */
  readonly mentionsBot: boolean;
  edits: number;
  readonly nonce: string | undefined;
  readonly at: number;
  /** Milliseconds at which each edit came. */
  readonly editedAt: number[];
}

/** One interaction as the member sees it. */
export interface FakeInteraction {
  readonly id: string;
  readonly token: string;
  readonly user: FakeUser;
  readonly channel: FakeChannel;
  readonly locale: string;
  readonly kind: "command" | "button" | "modal" | "autocomplete";
  readonly sentAt: number;
  /** The message with the button. */
  readonly source: FakeMessage | undefined;
  /** Milliseconds from dispatch to acknowledgement. */
  ackMs: number | undefined;
  /** `@original`: the private reply, or the message that the button stands on. */
  reply: FakeMessage | undefined;
  modal: APIModalInteractionResponseCallbackData | undefined;
  choices: readonly { name: string; value: string | number }[] | undefined;
  readonly followUps: FakeMessage[];
}

/** How the next matching requests go wrong. */
export interface FakeFault {
  readonly method: string;
  readonly path: RegExp;
  /** HTTP status; `drop` cuts the connection; `hang` never answers; `ban` is Cloudflare's page. */
  readonly status: number | "drop" | "ban" | "hang";
  readonly code?: number;
  /** Discord's objections to each field of the request. */
  readonly errors?: object;
  readonly retryAfterSeconds?: number;
  /** The scope that a 429 names. */
  readonly scope?: "user" | "global" | "shared";
  /** The request takes effect first. */
  readonly afterStoring?: boolean;
  /** How many requests; 1 by default. */
  readonly times?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
}

const epochMs = 1_420_070_400_000;

/** Everything that the fake remembers, and its clock. */
export class FakeState {
  readonly token: string;
  readonly options: FakeDiscordOptions;
  readonly botId = "1100000000000000001";
  readonly applicationId = "1100000000000000002";
  origin = "";
  /** Bytes of one file that are truly taken. */
  fileLimit = 10 * 1024 * 1024;
  /** Bytes of one file that interactions promise. */
  promisedLimit = 10 * 1024 * 1024;
  /** Changes events before they are sent, by their type. */
  rewrite: (type: string, data: unknown) => unknown = (_, data) => data;
  /** Events leave out the message that is replied to. */
  omitsReplied = false;
  /** Every guild has these roles. */
  readonly roles: { readonly id: string; readonly name: string }[] = [];
  readonly users = new Map<string, FakeUser>();
  readonly guilds = new Map<string, FakeGuild>();
  readonly channels = new Map<string, FakeChannel>();
  readonly directs = new Map<string, FakeChannel>();
  readonly messages: FakeMessage[] = [];
  /** Deleted by the bot. */
  readonly removed: FakeMessage[] = [];
  readonly files = new Map<string, FakeAttachment>();
  readonly interactions = new Map<string, FakeInteraction>();
  readonly commands = new Map<string, RESTPutAPIApplicationCommandsJSONBody>();
  readonly faults: (FakeFault & { left: number })[] = [];
  readonly requests: SeenRequest[] = [];
  /** The rate limit of each channel. */
  readonly buckets = new Map<string, { until: number; used: number }>();
  /** Rules of Discord that the bot broke; a test expects none. */
  readonly violations: string[] = [];
  #aheadMs = 0;
  #counter = 0n;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  constructor(options: FakeDiscordOptions) {
    this.options = options;
    this.token = options.token ?? "fake-bot-token";
  }

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  snowflake(): string {
    this.#counter += 1n;
    return String((BigInt(this.now() - epochMs) << 22n) | (this.#counter & 0x3fffffn));
  }

  changed(): void {
    this.#changes.emit("change");
  }

  /** Resolves with the first answer that is not undefined or false, looking again after each change. */
  async until<Found>(look: () => Found | undefined | false, what: string, limitMs = 40_000): Promise<Found> {
    const limit = AbortSignal.timeout(limitMs);
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found as Found;
      await new Promise<void>((resolve, reject) => {
        const onChange = () => {
          limit.removeEventListener("abort", onLimit);
          resolve();
        };
        const onLimit = () => {
          this.#changes.off("change", onChange);
          reject(new Error(`fake Discord waited in vain for: ${what}. Violations: ${this.violations.join("; ")}`));
        };
        this.#changes.once("change", onChange);
        limit.addEventListener("abort", onLimit, { once: true });
      });
    }
  }
}
