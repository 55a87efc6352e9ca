import type { Log } from "../../../world.ts";
import { readMessageKey } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import { errorFacts } from "../rest/failure.ts";

interface Deps {
  readonly api: DiscordApi;
  readonly log: Log;
}

/** Deletes messages of the bot by their keys; `guild` is the one that they stand in. Never throws. */
export async function eraseMessages(
  messages: readonly string[],
  guild: string | undefined,
  { api, log }: Deps,
): Promise<void> {
  for (const key of messages) {
    const known = readMessageKey(key);
    if (!known) continue;
    await api.remove({ channel: known.channel, guild }, known.message).catch((error) => {
      log.warn({ message: key, ...errorFacts(error) }, "discord: a message was not deleted");
    });
  }
}
