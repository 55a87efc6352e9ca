import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type AtelierProcess, runAtelier, startAtelier } from "./atelier.ts";
import { type Random, randomFrom } from "./chaos/random.ts";
import {
  type FakeChannel,
  type FakeDiscord,
  type FakeInteraction,
  type FakeUser,
  startFakeDiscord,
} from "./discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "./services/tokenhub.ts";

/** One hostile server and one of honest members, at one bot in a process of its own. */
export interface Storm {
  readonly discord: FakeDiscord;
  readonly service: FakeTokenHub;
  readonly bot: AtelierProcess;
  /** A hostile member does the next of what hostile members do. */
  attack(): void;
  /** An honest member asks for an image, and waits for it; gives the interaction. */
  askHonestly(): Promise<FakeInteraction>;
  /** Ends the bot in peace; the lines of its audit. */
  audit(): Promise<{ readonly code: number | null; readonly stdout: string }>;
  close(): Promise<void>;
}

interface StormOptions {
  readonly members: number;
  readonly seed: number;
}

export async function openStorm({ members, seed }: StormOptions): Promise<Storm> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-storm-"));
  const discord = await startFakeDiscord();
  const service = await startFakeTokenHub();
  const environment = {
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "2000", DASHBOARD_PASSWORD: "a password that nobody guesses" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
  };
  const bot = await startAtelier(environment);
  const hostile = hostileServer(discord, bot, members, randomFrom(seed));
  const honest = honestServer(discord);
  return {
    ...{ discord, service, bot },
    attack: hostile.attack,
    askHonestly: honest.ask,
    async audit() {
      hostile.hangUp();
      await bot.stop();
      return runAtelier(["--audit"], environment);
    },
    async close() {
      hostile.hangUp();
      await bot.kill();
      await service.close();
      await discord.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const mostTurns = 20;

/** Members who want images, one after the other, each with an account of its own. */
function honestServer(discord: FakeDiscord) {
  const channel = discord.channel(discord.guild());
  let asked = 0;
  return {
    async ask(): Promise<FakeInteraction> {
      const prompt = `an honest image ${++asked}`;
      const interaction = discord.command(discord.user(`honest ${asked}`), "imagine", { prompt }, { channel });
      const result = () =>
        discord
          .messages(channel)
          .find(({ attachments, content }) => attachments.length > 0 && content.includes(prompt));
      for (let turn = 1; !result(); turn += 1) {
        // Hundreds may be before it in the queue: the fake's own patience is for one step.
        await discord
          .until(result, prompt)
          .catch((error: unknown) => (turn < mostTurns ? undefined : Promise.reject(error)));
      }
      return interaction;
    },
  };
}

type Act = (user: FakeUser) => unknown;

function hostileServer(discord: FakeDiscord, bot: AtelierProcess, members: number, random: Random) {
  const guild = discord.guild();
  const users = Array.from({ length: members }, (_, at) =>
    Object.assign(discord.user(`hostile ${at}`), { dmsClosed: at % 2 === 0 }),
  );
  const open = discord.channel(guild);
  const mute = Array.from({ length: 20 }, () => discord.channel(guild));
  for (const channel of mute) discord.allow(channel, { send: false });
  const { acts, hangUp } = actsOf({ discord, bot, random, open, mute });
  let turn = 0;
  return {
    hangUp,
    /** Every act comes up as often as any other; who does it is left to chance. */
    attack() {
      acts[turn++ % acts.length]?.(random.pick(users));
    },
  };
}

interface Ground {
  readonly discord: FakeDiscord;
  readonly bot: AtelierProcess;
  readonly random: Random;
  readonly open: FakeChannel;
  /** The bot may not write there. */
  readonly mute: readonly FakeChannel[];
}

function actsOf({ discord, bot, random, open, mute }: Ground): { readonly acts: readonly Act[]; hangUp(): void } {
  const sockets = new Set<ReturnType<typeof connect>>();
  const inOpen = { channel: open };
  const broken = { name: "../../@everyone.png", bytes: Buffer.alloc(2_000_000, "\x89PNG\r\n\x1a\n", "latin1") };
  const visit = (page: string, init: RequestInit = {}) =>
    void fetch(`${bot.url}${page}`, init).then(
      (r) => r.text(),
      () => undefined,
    );
  const acts: Act[] = [
    (user) => discord.say(user, `${discord.mention} a mute channel`, { channel: random.pick(mute) }),
    (user) => {
      const channel = random.pick(mute);
      discord.allow(channel, { send: true });
      discord.say(user, `${discord.mention} drawn and then shut out`, { channel });
      setTimeout(() => discord.allow(channel, { send: false }), 50);
    },
    (user) => discord.command(user, "imagine", { prompt: "many", count: 4 }, inOpen),
    (user) => discord.command(user, "imagine", { prompt: "dear", count: 10, size: "3840x2160" }, inOpen),
    (user) => discord.command(user, "imagine", { prompt: "a broken file", image: broken }, inOpen),
    (user) => discord.say(user, `${discord.mention} ${"1".repeat(1900)}`, inOpen),
    (user) => discord.command(user, "history", { search: "zebra ".repeat(30) }, inOpen),
    (user) => discord.command(user, "privacy export", {}, inOpen),
    (user) => forgeCancel(discord, user, open),
    () => visit("/metrics", { headers: { "X-Forwarded-For": "203.0.113.9" } }),
    () =>
      visit("/login", {
        method: "POST",
        headers: { Origin: bot.url },
        body: new URLSearchParams({ password: "password1234" }),
      }),
    () => visit(`/callbacks/${"x".repeat(43)}`, { method: "POST", body: "{}" }),
    () => {
      const socket = connect(Number(new URL(bot.url).port), "127.0.0.1", () =>
        socket.write("GET / HTTP/1.1\r\nHost: "),
      );
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      sockets.add(socket);
    },
  ];
  return {
    acts,
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Presses a button of somebody else's making on the newest message. */
function forgeCancel(discord: FakeDiscord, user: FakeUser, channel: FakeChannel): void {
  const message = discord.messages(channel).at(-1);
  const job = /([0-9a-v]{22})/.exec(JSON.stringify(message?.components ?? []))?.[1] ?? "0".repeat(22);
  if (message) discord.forge(user, message, `cancel:${job}`);
}
