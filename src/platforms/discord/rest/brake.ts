import type { World } from "../../../world.ts";
import { DiscordFailure } from "./failure.ts";

/**
 * Keeps the bot from being banned: Discord shuts out who sends 10,000 invalid requests (401, 403, 429) in 10 minutes, and
 * its own door keeper shuts out an address for a while (1015). What would be refused anyway is not sent.
 */
export interface Brake {
  /** Throws DiscordFailure in place of a request that would be refused. */
  readonly before: (channel?: string) => void;
  /** Is told every answer. */
  readonly answered: (status: number, headers: Headers) => void;
  /** Is told each failure of a request to a channel. */
  readonly refused: (failure: DiscordFailure, channel?: string) => void;
  /** The bot may write to that channel again, as Discord itself said. */
  readonly reopen: (channel: string) => void;
}

const windowMs = 600_000;
/** Far below the ban: beyond this many, something is broken that sending more cannot mend. */
const mostInvalid = 90;
const channelRestMs = 300_000;
const banMs = 600_000;

export function createBrake({ now }: Pick<World, "now">): Brake {
  const closed = new Map<string, number>();
  let invalid: number[] = [];
  let restsUntil = 0;

  function rest(ms: number): void {
    restsUntil = Math.max(restsUntil, now() + ms);
  }

  return {
    before(channel) {
      const at = now();
      if (at < restsUntil) {
        throw new DiscordFailure("later", "nothing is sent to Discord for a while", { retryAfterMs: restsUntil - at });
      }
      if (channel !== undefined && (closed.get(channel) ?? 0) > at) {
        throw new DiscordFailure("closed", "Discord refused this channel a moment ago", { status: 403 });
      }
    },
    answered(status, headers) {
      if (status === 429 && !headers.get("content-type")?.includes("json")) {
        return rest(Number(headers.get("retry-after") ?? 0) * 1000 || banMs); // Cloudflare speaks no JSON
      }
      const shared = status === 429 && headers.get("x-ratelimit-scope") === "shared";
      if (shared || ![401, 403, 429].includes(status)) return;
      invalid = [...invalid.filter((at) => at > now() - windowMs), now()];
      if (invalid.length >= mostInvalid) rest(windowMs - (now() - (invalid[0] ?? 0)));
    },
    refused({ status, code }, channel) {
      if (code === 40333) rest(banMs);
      if (channel !== undefined && status === 403) closed.set(channel, now() + channelRestMs);
    },
    reopen: (channel) => void closed.delete(channel),
  };
}
