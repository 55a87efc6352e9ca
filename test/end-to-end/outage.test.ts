import { expect, onTestFinished, test } from "vitest";
import { startFakeDiscord } from "../support/discord/discord.ts";
import { allOfItComes, askForFive, openOutage, tenMinutesAway } from "../support/outage.ts";

async function openDiscordOutage() {
  const discord = await startFakeDiscord();
  const images = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);
  const outage = await openOutage({
    name: "discord",
    url: discord.url,
    connect(line) {
      discord.state.origin = new URL(line.through(discord.url)).origin; // its gateway, too
      return { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url };
    },
    advance: (ms) => discord.advance(ms),
    ask: (prompt) => discord.command(discord.user(prompt), "imagine", { prompt }),
    posted: () => images().length,
    close: () => discord.stop(),
  });
  onTestFinished(outage.close);
  return { discord, images, outage };
}

test.each(["cut", "silence"] as const)(
  "Discord vanishes for ten minutes (%s): every image comes once, in order, and it is told as it is",
  async (vanish) => {
    const { discord, images, outage } = await openDiscordOutage();
    await askForFive(outage);
    await outage.line[vanish]();
    await tenMinutesAway(outage);
    await outage.line.mend();
    await allOfItComes(outage);
    expect(images().map(({ attachments }) => attachments[0]?.filename.split(/[-.]/)[0])).toEqual(outage.made);
    const shown = JSON.stringify([...discord.state.interactions.values()].map(({ reply }) => reply?.content));
    expect(shown).not.toMatch(/Drawing|Waiting|Reserved/);
    await outage.stopsAndAudits();
  },
  120_000,
);
