import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import {
  type FakeDiscord,
  type FakeInteraction,
  type FakeMessage,
  startFakeDiscord,
} from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";

/** The real program as a process, between a Discord and a TokenHub that speak the real protocols. */
export interface Stage {
  readonly discord: FakeDiscord;
  readonly service: FakeTokenHub;
  readonly bot: AtelierProcess;
  /** Kills the process without a word, and starts another. */
  restart(): Promise<void>;
  /** Resolves with the text of a private reply, once it holds `words`. */
  says(interaction: FakeInteraction, words: string): Promise<string>;
  /** The messages with images in the general channel, once there are as many. */
  results(count: number): Promise<readonly FakeMessage[]>;
  /** The bot's answer to a message, once it holds `words`. */
  answer(asked: FakeMessage, words: string): Promise<FakeMessage>;
}

/** A stage for each test of a file; nothing in it may break a rule of Discord or of the service. */
export function stages(environment: Readonly<Record<string, string>> = {}): () => Stage {
  let stage: Stage | undefined;
  let close: () => Promise<void> = async () => undefined;
  beforeEach(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
    const discord = await startFakeDiscord();
    const service = await startFakeTokenHub();
    const start = () =>
      startAtelier({
        ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000" },
        ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
        ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
        ...environment,
      });
    let bot = await start();
    const restart = async () => {
      await bot.kill();
      bot = await start();
      stage = { ...(stage as Stage), bot };
    };
    stage = { discord, service, bot, restart, ...waits(discord) };
    close = async () => {
      await bot.kill();
      await service.close();
      await discord.stop();
      rmSync(folder, { recursive: true });
    };
  });
  afterEach(async () => {
    const violations = [...(stage?.discord.violations ?? []), ...(stage?.service.violations ?? [])];
    await close();
    expect(violations).toEqual([]);
  });
  return () => stage as Stage;
}

function waits(discord: FakeDiscord): Pick<Stage, "says" | "results" | "answer"> {
  const shown = ({ reply }: FakeInteraction) => reply?.content ?? "";
  const general = () => discord.messages(discord.general);
  const own = () => general().filter(({ author }) => author === discord.state.botId);
  return {
    says: (interaction, words) =>
      discord
        .until(() => shown(interaction).includes(words) && shown(interaction), `“${words}”`)
        .catch((error) => Promise.reject(new Error(`${error.message} It says: ${shown(interaction)}`))),
    results: (count) =>
      discord.until(() => {
        const found = own().filter(({ attachments }) => attachments.length > 0);
        return found.length >= count && found;
      }, `${count} results`),
    answer: (asked, words) =>
      discord
        .until(() => own().find(({ replyTo, content }) => replyTo === asked && content.includes(words)), `“${words}”`)
        .catch((error) => Promise.reject(new Error(`${error.message} It says: ${own().at(-1)?.content}`))),
  };
}

/** A photograph of that many pixels. */
export async function photograph(name: string, width = 640, height = 480) {
  const create = { width, height, channels: 3, background: "#46b" } as const;
  return { name, bytes: await sharp({ create }).png().toBuffer() };
}

/** A mask that is transparent in its left half. */
export async function maskOf(name: string, width = 640, height = 480) {
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  const hole = sharp({ create: { width: width / 2, height, channels: 4, background } });
  return {
    name,
    bytes: await hole
      .extend({ right: width / 2, background: "#000" })
      .png()
      .toBuffer(),
  };
}
