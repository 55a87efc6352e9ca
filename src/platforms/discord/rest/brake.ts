import type { Log, World } from "../../../world.ts";
import type { Act, Aim } from "./destination.ts";
import { DiscordFailure } from "./failure.ts";

/**
 * Keeps the bot from being banned: Discord shuts out an address that sends 10,000 invalid requests (401, 403, 429) in 10
 * minutes, and its own door keeper shuts out an address for a while (1015). A request that would be refused is not sent.
 * Requests that carry an interaction's token never pass here: they must not wait for anybody.
 */
export interface Brake {
  /** Throws DiscordFailure in place of a request that would be refused. */
  readonly before: (aim?: Aim) => void;
  /** Hears every answer. */
  readonly answered: (status: number, headers: Headers) => void;
  /** Hears each success of a request to a channel. */
  readonly accepted: (aim?: Aim) => void;
  /** Hears each failure of a request with the bot's token. */
  readonly refused: (failure: DiscordFailure, aim?: Aim) => void;
  /** The bot may write to that channel, as Discord itself said with an interaction. */
  readonly reopen: (channel: string) => void;
}

export interface BrakeOptions {
  readonly world: Pick<World, "now">;
  readonly log: Log;
  /** False where Discord's events tell that the bot may not write there; undefined where they tell nothing. */
  readonly mayPost: (channel: string, files: boolean) => boolean | undefined;
}

const windowMs = 600_000;
/** A fifth of the ban, for each of a few processes behind one address; a hundred times what one guild can cause. */
const mostInvalid = 2000;
const mostInvalidOfGuild = 20;
const channelRestMs = 300_000;
const banMs = 600_000;
const [firstTokenRestMs, longestTokenRestMs] = [30_000, 600_000];
const mostNotes = 10_000;

const acts: readonly Act[] = ["post", "edit", "read"];
const missingAccess = 50001;
const unknownChannel = 10003;
/** They say something of one message, and nothing of its channel. */
const ofOneMessage = [50005, 50021];

export function createBrake({ world: { now }, log, mayPost }: BrakeOptions): Brake {
  const closed = createNotes(now);
  const trusted = createNotes(now);
  const recent = createNotes(now);
  const guilds = createGuilds(now, log);
  const all = createRest(now, log);

  return {
    before(aim) {
      all.check();
      if (!aim) return;
      const { channel, guild, act, files = false } = aim;
      const isShut = [false, files].some((each) => closed.has(noteOf(channel, act, each)));
      if (isShut || (act === "post" && mayPost(channel, files) === false && !trusted.has(channel))) {
        throw new DiscordFailure("closed", "Discord refuses this channel", { status: 403 });
      }
      if (guild !== undefined && !recent.has(channel)) guilds.check(guild);
    },
    answered: all.answered,
    accepted(aim) {
      all.accepted();
      if (aim && aim.act !== "read") recent.add(aim.channel, windowMs);
    },
    refused(failure, aim) {
      all.refused(failure);
      const { status, code } = failure;
      if (!aim || (status !== 403 && code !== unknownChannel)) return;
      recent.delete(aim.channel);
      if (status === 403 && aim.guild !== undefined) guilds.refused(aim.guild);
      if (ofOneMessage.includes(code)) return;
      const whole = code === missingAccess || code === unknownChannel;
      const notes = whole ? acts.map((act) => noteOf(aim.channel, act)) : [noteOf(aim.channel, aim.act, aim.files)];
      for (const note of notes) closed.add(note, channelRestMs);
    },
    reopen(channel) {
      for (const note of acts.flatMap((act) => [noteOf(channel, act), noteOf(channel, act, true)])) closed.delete(note);
      if (mayPost(channel, true) === false) trusted.add(channel, channelRestMs); // it knows better than what was heard before
    },
  };
}

function noteOf(channel: string, act: Act, files = false): string {
  return `${channel}:${act}${files ? ":files" : ""}`;
}

/** Notes that fade; what is outdated goes when there are many. */
function createNotes(now: () => number) {
  const notes = new Map<string, number>();
  return {
    has: (note: string) => (notes.get(note) ?? 0) > now(),
    add(note: string, forMs: number) {
      if (notes.size >= mostNotes) for (const [each, until] of notes) if (until <= now()) notes.delete(each);
      notes.set(note, now() + forMs);
    },
    delete: (note: string) => void notes.delete(note),
  };
}

/** One guild's refusals: its members cannot make the bot send many, and nobody else notices. */
function createGuilds(now: () => number, log: Log) {
  const refusals = new Map<string, number[]>();
  const recent = (guild: string) => (refusals.get(guild) ?? []).filter((at) => at > now() - windowMs);
  return {
    check(guild: string) {
      const times = recent(guild);
      if (times.length < mostInvalidOfGuild) return;
      const retryAfterMs = windowMs - (now() - (times[0] ?? 0));
      throw new DiscordFailure("held", "Discord refused too much of this server's", { retryAfterMs });
    },
    refused(guild: string) {
      const times = [...recent(guild), now()];
      if (refusals.size >= mostNotes)
        for (const each of refusals.keys()) if (!recent(each).length) refusals.delete(each);
      refusals.set(guild, times);
      if (times.length === mostInvalidOfGuild) {
        log.warn({ guild, refusals: times.length }, "discord: a server refuses too much; nothing more is tried there");
      }
    },
  };
}

/** Everything that is sent with the bot's token. */
function createRest(now: () => number, log: Log) {
  let invalid: number[] = [];
  let restsUntil = 0;
  let refusedTokens = 0;

  function rest(ms: number, reason: string): void {
    if (now() >= restsUntil)
      log.error({ reason, ms }, "discord: nothing but answers to interactions is sent for a while");
    restsUntil = Math.max(restsUntil, now() + ms);
  }

  return {
    check() {
      if (now() >= restsUntil) return;
      throw new DiscordFailure("later", "nothing is sent to Discord for a while", { retryAfterMs: restsUntil - now() });
    },
    answered(status: number, headers: Headers) {
      if (status === 429 && !headers.get("content-type")?.includes("json")) {
        const ms = Number(headers.get("retry-after")) * 1000 || banMs; // Cloudflare speaks no JSON
        return rest(Math.min(ms, 6 * banMs), "this address is banned for a while");
      }
      const shared = status === 429 && headers.get("x-ratelimit-scope") === "shared";
      if (shared || ![401, 403, 429].includes(status)) return;
      invalid = [...invalid.filter((at) => at > now() - windowMs), now()];
      if (invalid.length >= mostInvalid) rest(windowMs - (now() - (invalid[0] ?? 0)), "too many invalid requests");
    },
    accepted() {
      refusedTokens = 0;
    },
    refused({ code, tokenRefused }: DiscordFailure) {
      if (code === 40333) rest(banMs, "this address is banned for a while");
      if (!tokenRefused || now() < restsUntil) return;
      rest(
        Math.min(firstTokenRestMs * 2 ** refusedTokens, longestTokenRestMs),
        "Discord does not accept the bot's token",
      );
      refusedTokens += 1;
    },
  };
}
