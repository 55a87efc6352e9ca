import type { Context } from "../context.ts";
import type { AlertChannel } from "../contract/alerts.ts";
import { addChannelMessage } from "../jobs/channel-messages.ts";

/** Says once in a new tenant how to begin, in a channel where the bot may write. */
export async function welcome({ database, world, wake }: Context, channel: AlertChannel): Promise<void> {
  const { tenant } = channel;
  const message = { ...channel, id: `welcome:${tenant}`, kind: "welcome", subject: tenant, facts: {} };
  const isNew = await database.transaction((trx) => addChannelMessage(trx, { ...message, now: world.now() }));
  if (isNew) wake();
}
