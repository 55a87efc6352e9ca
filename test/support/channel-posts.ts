import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { ChannelContent, ChannelMessage } from "../../src/contract/channel-messages.ts";
import { drawBars } from "../../src/images/decoder/draw-bars.ts";

/** A message of the bot's own for that channel. */
export function channelMessage(
  where: Pick<ChannelMessage, "tenant" | "channel">,
  content: ChannelContent,
  given: Partial<ChannelMessage> = {},
): ChannelMessage {
  return { id: "alert:1", locale: "en", repeated: false, ...where, content, ...given };
}

export const budgetAlert: ChannelContent = {
  kind: "alert",
  alert: { code: "budget", percent: 80, scope: "tenant", limit: 1000, renewsAt: Date.UTC(2026, 11, 1) },
};

/** A week of two members with its drawing, which lies in `folder`. */
export async function weekDigest(folder: string): Promise<ChannelContent> {
  const since = Date.UTC(2026, 10, 23);
  const days = [0, 10, 20, 30, 40, 50, 60];
  const png = await drawBars(days.map((value, index) => ({ value, label: index + 23 })));
  const file = path.join(folder, "week.png");
  await writeFile(file, png);
  const members = [
    { name: "Ann", images: 7, charged: 200 },
    { name: undefined, images: 1, charged: 10 },
  ];
  const sums = { jobs: 5, images: 8, charged: 210 };
  return {
    kind: "digest",
    digest: { since, until: since + 7 * 86_400_000, ...sums, members, services: [], days },
    plot: { path: file, name: "atelier-week.png", bytes: png.length },
  };
}
