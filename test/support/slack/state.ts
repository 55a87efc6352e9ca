import { EventEmitter, once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { SlackPace } from "./pace.ts";
import { SlackWorkflows } from "./workflows.ts";

/** Messages, blocks and views are JSON to the fake, checked by rules. */
export type Json = { [name: string]: unknown };

export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly thread?: string | undefined;
  text: string;
  blocks: Json[];
  deleted: boolean;
  /** How it looked, in order; the last is how it looks now. */
  readonly looks: { text: string; blocks: Json[] }[];
}

/** A message that only one member can see. */
export interface Whisper {
  readonly user: string;
  readonly channel: string | undefined;
  readonly by: "response_url" | "chat.postEphemeral";
  readonly text: string;
  readonly blocks: Json[];
}

export interface SlackFile {
  readonly id: string;
  /** For those who cannot see it. */
  readonly alt?: string;
  /** Where it was shared: the conversation and the message above it. */
  shared?: { channel: string; thread: string };
  readonly filename: string;
  readonly length: number;
  bytes?: Buffer;
  completed: number;
  /** How often files.info still answers without a mimetype. */
  notReadyFor: number;
}

export interface OpenView {
  readonly id: string;
  hash: string;
  view: Json;
  /** The values that the member has filled in so far, by block. */
  readonly filled: Map<string, Json>;
  readonly user: string;
  readonly currentChannel: string | undefined;
}

/** Meets the next call of a method: a refusal, a broken connection before or after it is done, or a long wait. */
export type Trouble =
  | { readonly rateLimited: number }
  | { readonly error: string }
  | { readonly drop: "before" | "after" }
  | { readonly until: Promise<unknown> };

/** A thread with the app where it is an agent. */
export interface AgentSession {
  readonly title: string | undefined;
  readonly user: string | undefined;
  status: string;
  readonly looks: string[];
}

interface Trigger {
  readonly user: string;
  readonly channel: string | undefined;
  expiresAt: number;
  used: boolean;
}

/** Holds what Slack knows of a member. */
interface Known {
  readonly locale: string;
  readonly admin: boolean;
  readonly displayName: string;
  /** Whatever else Slack says of them. */
  readonly more?: Json;
}

const lookAgainMs = 50;

/** Slack, with one workspace in which the app is installed, and others that may install it. */
export class SlackState {
  readonly team = "T1";
  readonly appId = "A1";
  readonly appUser = "UBOT";
  readonly botToken = "xoxb-fake-token";
  readonly appToken = "xapp-fake-token";
  readonly signingSecret = "fake-signing-secret-of-slack";
  /** Where the app reaches it, when that is not where it listens. */
  origin: string | undefined;
  readonly scopes = new Set([
    ...["commands", "chat:write", "files:write", "files:read", "app_mentions:read", "im:history"],
    ...["channels:join", "users:read", "usergroups:read", "assistant:write"],
  ]);
  /** Sessions of the app as an agent, by channel and thread, with every status that they had. */
  readonly sessions = new Map<string, AgentSession>();
  /** Is the app told of Stop? Without that, Slack shows no such button. */
  hearsOfStop = true;
  /** Suggested prompts, by channel. */
  readonly prompts = new Map<string, { title: string; message: string }[]>();
  /** Messages that members wrote, as `channel:ts`. */
  readonly written = new Set<string>();
  /** Workspaces by bot token. */
  readonly tokens = new Map<string, string>([[this.botToken, this.team]]);
  /** Is the app in there? */
  readonly channels = new Map<string, boolean>([
    ["C1", true],
    ["C2", false],
    ["G1", false],
  ]);
  readonly members = new Map<string, Known>();
  /** Members by user group. */
  readonly groups = new Map<string, readonly string[]>();
  /** Whatever else auth.test answers. */
  readonly identity: Json = {};
  /** The answers of files.info about members' files, by id, instead of the usual. */
  readonly fileFacts = new Map<string, Json | { readonly error: string }>();
  /** Homes by member, as they look now. */
  readonly homes = new Map<string, Json>();
  /** Bytes of members' files, by name. */
  readonly uploads = new Map<string, Buffer>();
  /** Where members' files are instead, by name: Enterprise Grid keeps them at another host of its own. */
  readonly movedFiles = new Map<string, string>();
  /** Types of blocks that workspaces refuse, by workspace. */
  readonly unknownBlocks = new Map<string, readonly string[]>();
  /** A response URL answers blocks that it refuses with this status. */
  refusesWith: 200 | 400 = 400;
  readonly pace = new SlackPace(this);
  readonly workflows = new SlackWorkflows(this);
  readonly calls: { method: string; body: Json; team: string }[] = [];
  /** Slack's words for tokens that were good once. */
  readonly revoked = new Map<string, string>();
  readonly violations: string[] = [];
  readonly messages: SlackMessage[] = [];
  readonly whispers: Whisper[] = [];
  readonly files = new Map<string, SlackFile>();
  readonly views: OpenView[] = [];
  readonly responseUrls = new Map<
    string,
    { user: string; team: string; channel: string | undefined; uses: number; gone?: boolean }
  >();
  readonly troubles = new Map<string, Trouble[]>();
  /** In Socket Mode, ever made. */
  connections = 0;
  /** Calls that had to wait, or still do. */
  held = 0;
  /** For files uploaded from now on. */
  filesNotReadyFor = 1;
  readonly #triggers = new Map<string, Trigger>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #counter = 0;

  /** Looks again after everything that happens here, and now and then, as not all that is looked for happens here. */
  async until<Seen>(look: () => Seen | undefined | false): Promise<Seen> {
    for (;;) {
      const seen = look();
      if (seen) return seen;
      const over = new AbortController();
      const { signal } = over;
      await Promise.race([once(this.#changes, "change", { signal }), setTimeout(lookAgainMs, undefined, { signal })]);
      over.abort();
    }
  }

  changed(): void {
    this.#changes.emit("change");
  }

  violation(sentence: string): void {
    this.violations.push(sentence);
  }

  /** A token is taken away, as when a workspace removes the app. */
  revoke(token: string, error = "token_revoked"): void {
    this.tokens.delete(token);
    this.revoked.set(token, error);
  }

  trouble(method: string, trouble: Trouble): void {
    this.troubles.set(method, [...(this.troubles.get(method) ?? []), trouble]);
  }

  count(): number {
    return ++this.#counter;
  }

  /** `1700000001.000100`, each later than the last. */
  nextTs(): string {
    return `${1_700_000_000 + this.count()}.000100`;
  }

  newTrigger(user: string, channel?: string): string {
    const id = `${this.count()}.${this.team}.trigger`;
    this.#triggers.set(id, { user, channel, expiresAt: Date.now() + 3000, used: false });
    return id;
  }

  /** Once, and in time; else the error that Slack gives. */
  takeTrigger(id: string): Trigger | "invalid_trigger_id" | "expired_trigger_id" | "exchanged_trigger_id" {
    const trigger = this.#triggers.get(id);
    if (!trigger) return "invalid_trigger_id";
    if (trigger.used) return "exchanged_trigger_id";
    if (trigger.expiresAt < Date.now()) return "expired_trigger_id";
    trigger.used = true;
    return trigger;
  }

  /** Lists the messages of a channel, oldest first. */
  messagesIn(channel: string): SlackMessage[] {
    return this.messages.filter((message) => message.channel === channel && !message.deleted);
  }

  callsOf(method: string): Json[] {
    return this.calls.filter((call) => call.method === method).map(({ body }) => body);
  }
}
