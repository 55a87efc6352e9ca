import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Context } from "../context.ts";
import type { ChannelContent } from "../contract/channel-messages.ts";
import { drawBars } from "../images/decoder/draw-bars.ts";

const dayMs = 86_400_000;

/** Draws the days of a digest into a file that is there while `run` goes on; anything else is passed on as it is. */
export async function withPlot<Result>(
  { world }: Pick<Context, "world">,
  content: ChannelContent,
  run: (content: ChannelContent) => Promise<Result>,
): Promise<Result> {
  if (content.kind !== "digest") return run(content);
  const { since, days } = content.digest;
  const dayOfMonth = (index: number) => new Date(since + index * dayMs).getUTCDate();
  const png = await drawBars(days.map((value, index) => ({ value, label: dayOfMonth(index) })));
  const file = path.join(tmpdir(), `atelier-plot-${world.secret(16)}.png`);
  await writeFile(file, png, { mode: 0o600 });
  try {
    return await run({ ...content, plot: { path: file, name: "atelier-week.png", bytes: png.length } });
  } finally {
    await rm(file, { force: true });
  }
}
