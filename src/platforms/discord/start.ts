import type { Log, World } from "../../world.ts";
import { DiscordFailure } from "./rest/failure.ts";

/** Something that no later try can mend, in one sentence for the operator. */
class LastingFault extends Error {}

const [firstPauseMs, longestPauseMs] = [2000, 60_000];

interface Deps {
  readonly apiUrl: string;
  readonly world: Pick<World, "sleep">;
  readonly log: Log;
  /** Aborts when the platform stops; then nothing is tried any more. */
  readonly stopping: AbortSignal;
}

/** Tries until it succeeds; throws an Error with one sentence where only the operator can help. */
export async function keepTrying(connect: () => Promise<unknown>, deps: Deps): Promise<void> {
  const { apiUrl, world, log, stopping } = deps;
  for (let pauseMs = firstPauseMs; !stopping.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return void (await inOneSentence(apiUrl, connect));
    } catch (error) {
      if (stopping.aborted) return;
      if (error instanceof LastingFault) throw error;
      const facts = { reason: error instanceof Error ? error.message : String(error), ms: pauseMs };
      log.error(facts, "discord: not connected; the next try waits");
      await world.sleep(pauseMs, stopping);
    }
  }
}

/** Throws an Error whose message is one sentence about what is wrong. */
export async function inOneSentence<Answer>(apiUrl: string, connect: () => Promise<Answer>): Promise<Answer> {
  try {
    return await connect();
  } catch (error) {
    throw explained(error, apiUrl);
  }
}

function explained(error: unknown, apiUrl: string): Error {
  const { status, message } = seen(error);
  if (status === 401 || message.includes("invalid token") || message.includes("Authentication failed")) {
    return new LastingFault("Discord does not accept DISCORD_TOKEN.");
  }
  if (/disallowed intents/i.test(message)) {
    const words = "Discord withholds DISCORD_CONTENT_INTENT: switch Message Content on in its developer portal.";
    return new LastingFault(words);
  }
  if (message.includes("Sharding is required") || message.includes("Invalid shard")) {
    return new LastingFault("Discord does not take this DISCORD_SHARDS: the bot is in too many servers for it.");
  }
  if (status === undefined) return new Error(`Discord cannot be reached at ${apiUrl}: ${message}.`);
  if (status >= 500) return new Error(`Discord at ${apiUrl} is out of order: ${message}.`);
  return new Error(`Discord at ${apiUrl} refuses the bot: ${message}.`);
}

/** Reads an error of the bot's own requests, or of the library's. */
function seen(error: unknown): { readonly status: number | undefined; readonly message: string } {
  if (error instanceof DiscordFailure) return { status: error.status, message: error.message };
  const { status, code, message } = error as { status?: unknown; code?: unknown; message?: string };
  const named = typeof code === "string" && !message?.includes(code) ? `${message} (${code})` : message;
  return {
    status: typeof status === "number" ? status : undefined,
    message: named?.replace(/\.$/, "") ?? String(error),
  };
}
