import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { commands } from "../../../commands/index.ts";
import type { FileLimit, Fitted, StoredImage } from "../../../src/image.ts";
import { createDiscord, type DiscordOptions } from "../../../src/platforms/discord/discord.ts";
import type { Platform, PlatformContext } from "../../../src/platforms/platform.ts";
import { createSealer } from "../../../src/platforms/seal.ts";
import type { Log } from "../../../src/world.ts";
import { type FakeDiscord, type FakeInteraction, startFakeDiscord } from "../../support/discord/discord.ts";
import type { FakeDiscordOptions } from "../../support/discord/state.ts";
import { FakeDiscordUseCases } from "../../support/discord/usecases.ts";
import { memoryCache, type TestLog, type TestWorld, testLog, testWorld } from "../../support/world.ts";

/** A fake Discord, and the platform on it behind a faked bot. */
export interface TestPlatform {
  readonly discord: FakeDiscord;
  readonly usecases: FakeDiscordUseCases;
  readonly context: PlatformContext;
  readonly world: TestWorld;
  readonly log: TestLog;
  /** Milliseconds of each acknowledgement that was reported. */
  readonly acks: number[];
  /** Codes of those that did not count. */
  readonly missed: number[];
  readonly bot: Platform;
  /** Another process of the same installation. */
  another(options?: Partial<DiscordOptions>): Platform;
  /** An image of the job in the spool, with `bytes` bytes of its own. */
  image(bytes?: number): Promise<StoredImage>;
  /** Resolves with what the member reads in the private reply, once it holds `words`. */
  reads(interaction: FakeInteraction, words: string): Promise<string>;
}

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

export interface RoomOptions extends FakeDiscordOptions {
  readonly bot?: Partial<DiscordOptions>;
  /** Deliver only, as a worker process does. */
  readonly started?: boolean;
}

export async function openRoom({
  bot: botOptions = {},
  started = true,
  ...fake
}: RoomOptions = {}): Promise<TestPlatform> {
  const discord = await startFakeDiscord(fake);
  opened.push(() => discord.stop());
  const spool = await mkdtemp(path.join(tmpdir(), "atelier-discord-"));
  opened.push(() => rm(spool, { recursive: true, force: true }));
  const usecases = new FakeDiscordUseCases();
  const world = testWorld();
  const log = testLog();
  const changed = () => discord.state.changed(); // so that discord.until sees what the bot does inside, too
  usecases.onWatching = changed;
  const acks: number[] = [];
  const missed: number[] = [];
  const context = contextOf({ usecases, world, log: audible(log, changed), acks, missed, spool });

  function another(options: Partial<DiscordOptions> = {}): Platform {
    const given = {
      token: discord.token,
      apiUrl: discord.url,
      contentIntent: false,
      shards: "auto",
      ...options,
    } as const;
    const platform = createDiscord(given, context);
    opened.push(() => platform.stop());
    return platform;
  }

  const bot = another(botOptions);
  if (started) await bot.start();
  return {
    ...{ discord, usecases, context, world, log, acks, missed, bot, another },
    image: (bytes = 2000) => storeImage(spool, bytes),
    reads: (interaction, words) =>
      discord.until(() => {
        const content = interaction.reply?.content ?? "";
        return content.includes(words) && content;
      }, `a reply with “${words}”, not “${interaction.reply?.content}”`),
  };
}

interface TestParts {
  readonly usecases: FakeDiscordUseCases;
  readonly world: TestWorld;
  readonly log: Log;
  readonly acks: number[];
  readonly missed: number[];
  readonly spool: string;
}

function audible(log: Log, heard: () => void): Log {
  const at = (level: "debug" | "info" | "warn" | "error") => (facts: object, message: string) => {
    log[level](facts, message);
    heard();
  };
  const louder = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { ...louder, child: () => audible(log, heard) };
}

function contextOf({ usecases, world, log, acks, missed, spool }: TestParts): PlatformContext {
  return {
    ...{ commands, usecases, world, log },
    seal: createSealer("the same at each start"),
    cache: memoryCache(),
    observer: { acknowledged: ({ ms }) => acks.push(ms), unacknowledged: ({ code }) => missed.push(code) },
    fit: (image, limit) => fitted(spool, image, limit),
  };
}

async function storeImage(spool: string, bytes: number): Promise<StoredImage> {
  const file = `image-${crypto.randomUUID()}`;
  const content = Buffer.alloc(bytes, file);
  await writeFile(path.join(spool, file), content);
  return { file, sha256: "0".repeat(64), format: "png", bytes, width: 2048, height: 1152 };
}

/** The image itself where it fits, else some smaller JPEG. */
async function fitted(spool: string, image: StoredImage, limit: FileLimit): Promise<Fitted> {
  if (image.bytes <= limit.bytes) {
    return { path: path.join(spool, image.file), format: image.format, bytes: image.bytes, changed: false };
  }
  const smaller = path.join(spool, `${image.file}-${limit.bytes}`);
  await writeFile(smaller, Buffer.alloc(limit.bytes, "smaller"));
  const still = image.format === "gif" ? ({ firstFrame: true } as const) : {};
  return { path: smaller, format: "jpeg", bytes: limit.bytes, changed: true, ...still };
}
