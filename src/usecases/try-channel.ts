import type { Context } from "../context.ts";
import type { ChannelPurpose } from "../contract/channel-messages.ts";
import { DeliveryDelayed } from "../contract/delivery.ts";
import type { Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { reopenChannel } from "../jobs/channel-messages.ts";

/** Says in a channel what it will be used for, which shows that the bot can write there. Throws Refusal `channel-closed`. */
export async function tryChannel(
  context: Context,
  { channel, purpose }: { readonly channel: string; readonly purpose: ChannelPurpose },
  { platform, tenant, locale, inbound }: Caller,
): Promise<void> {
  const poster = context.platform(platform);
  if (!poster?.postToChannel) throw new Refusal("channel-closed", { channel, why: "gone" });
  const id = `${inbound}:${purpose}`;
  const content = { kind: "channel-check", purpose } as const;
  const posted = await poster
    .postToChannel({ id, tenant, channel, locale, content, repeated: false })
    .catch((error) => {
      if (!(error instanceof DeliveryDelayed)) throw error;
      throw new Refusal("channel-closed", { channel, why: "away" });
    });
  if ("closed" in posted) throw new Refusal("channel-closed", { channel, why: posted.closed });
  await reopenChannel(context.database.db, { tenant, channel, now: context.world.now() });
  context.wake();
}
