import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { startAtelier } from "../../support/atelier.ts";
import { type FakeDiscord, type FakeMessage, startFakeDiscord } from "../../support/discord/discord.ts";
import { landscape } from "../../support/landscape.ts";
import { startFakeOpenAi } from "../../support/services/openai.ts";
import { startFakeTokenHub } from "../../support/services/tokenhub.ts";
import { known, picture, says, seen } from "./discord.ts";
import { drawChannel, drawMessage } from "./discord-channel.ts";
import type { Picture } from "./picture.ts";

const english = { locale: "en-US", prompt: "a lake between hills", inAll: "in all" };
const chinese: typeof english = { locale: "zh-CN", prompt: "山间的湖", inAll: "点" };

/** Draws a comparison by a bot of its own: this picture alone needs several services. */
export async function comparePictures(): Promise<readonly Picture[]> {
  const data = mkdtempSync(path.join(tmpdir(), "atelier-draw-"));
  const [discord, tokenHub, openAi] = await Promise.all([
    startFakeDiscord(),
    startFakeTokenHub({ image: await hills("a lake") }),
    startFakeOpenAi({ image: await hills("another lake") }),
  ]);
  const bot = await startAtelier({
    ...{ DATA_DIR: data, DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ TOKENHUB_API_KEY: tokenHub.apiKey, TOKENHUB_BASE_URL: tokenHub.baseUrl },
    ...{ OPENAI_API_KEY: openAi.apiKey, OPENAI_BASE_URL: openAi.baseUrl },
  });
  const pictures = [
    picture("discord-compare", await compared(discord, english)),
    picture("discord-compare.zh-CN", await compared(discord, chinese)),
  ];
  await bot.stop();
  await Promise.all([discord.stop(), tokenHub.close(), openAi.close()]);
  rmSync(data, { recursive: true });
  return pictures;
}

async function compared(discord: FakeDiscord, { locale, prompt, inAll }: typeof english) {
  const channel = discord.channel(discord.guild(true, { locale }));
  const ann = discord.user("Ann");
  const asked = discord.command(
    ann,
    "imagine",
    { prompt, provider: "compare", size: "1024x1024" },
    { channel, locale },
  );
  const question = drawMessage(discord, await says(discord, asked, inAll, "accept"), known(discord), asked);
  const [, yes = ""] = JSON.stringify(asked.reply?.components).match(/"label":"([^"]*\d[^"]*)"/) ?? [];
  discord.press(ann, asked.reply as FakeMessage, yes, { locale });
  const filled = () => discord.messages(channel).find(({ attachments }) => attachments.length === 2);
  return drawChannel([question, drawMessage(discord, await seen(discord, filled, "both images"), known(discord))]);
}

function hills(prompt: string): Promise<Buffer> {
  return sharp(Buffer.from(landscape(1024, 1024, prompt)))
    .png()
    .toBuffer();
}
