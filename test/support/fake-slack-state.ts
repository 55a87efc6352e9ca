import { EventEmitter, once } from "node:events";

/** What a message, a block or a view is to the fake: JSON, checked by rules. */
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

/** What only one member can see. */
export interface Whisper {
  readonly user: string;
  readonly channel: string | undefined;
  readonly by: "response_url" | "chat.postEphemeral";
  readonly text: string;
  readonly blocks: Json[];
}

export interface SlackFile {
  readonly id: string;
  readonly filename: string;
  readonly length: number;
  bytes?: Buffer;
  completed: number;
  /** How often files.info still answers without a mimetype. */
  notReadyFor: number;
}

export interface OpenView {
  readonly id: string;
  readonly hash: string;
  readonly view: Json;
  readonly user: string;
  readonly currentChannel: string | undefined;
}

/** What the next call of a method meets: a refusal, a broken connection before or after it is done, or a long wait. */
export type Trouble =
  | { readonly rateLimited: number }
  | { readonly error: string }
  | { readonly drop: "before" | "after" }
  | { readonly until: Promise<unknown> };

interface Trigger {
  readonly user: string;
  readonly channel: string | undefined;
  expiresAt: number;
  used: boolean;
}

/** One workspace as Slack sees it. */
export class SlackState {
  readonly team = "T1";
  readonly botToken = "xoxb-fake-token";
  readonly appToken = "xapp-fake-token";
  readonly signingSecret = "fake-signing-secret-of-slack";
  readonly scopes = new Set(["commands", "chat:write", "files:write", "files:read"]);
  /** Is the app in there? */
  readonly channels = new Map<string, boolean>([
    ["C1", true],
    ["C2", false],
  ]);
  readonly calls: { method: string; body: Json }[] = [];
  readonly violations: string[] = [];
  readonly messages: SlackMessage[] = [];
  readonly whispers: Whisper[] = [];
  readonly files = new Map<string, SlackFile>();
  readonly views: OpenView[] = [];
  readonly responseUrls = new Map<string, { user: string; channel: string | undefined; uses: number }>();
  readonly troubles = new Map<string, Trouble[]>();
  /** Calls that had to wait, or still do. */
  held = 0;
  /** For files uploaded from now on. */
  filesNotReadyFor = 1;
  readonly #triggers = new Map<string, Trigger>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #counter = 0;

  /** Looks again after everything that happens here, until there is something to see. */
  async until<Seen>(look: () => Seen | undefined | false): Promise<Seen> {
    for (;;) {
      const seen = look();
      if (seen) return seen;
      await once(this.#changes, "change");
    }
  }

  changed(): void {
    this.#changes.emit("change");
  }

  violation(sentence: string): void {
    this.violations.push(sentence);
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

  /** As if its 3 s had passed. */
  expireTriggers(): void {
    for (const trigger of this.#triggers.values()) trigger.expiresAt = 0;
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

  /** What can be seen in a channel, oldest first. */
  messagesIn(channel: string): SlackMessage[] {
    return this.messages.filter((message) => message.channel === channel && !message.deleted);
  }

  callsOf(method: string): Json[] {
    return this.calls.filter((call) => call.method === method).map(({ body }) => body);
  }
}
