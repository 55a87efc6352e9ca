import { expect, test } from "vitest";
import { openRoom } from "./room.ts";

test("asks for no intent at all, and for message content only when the operator switched it on", async () => {
  const plain = await openRoom();
  expect(plain.discord.gateway.identifies).toEqual([0]);
  const reading = await openRoom({ contentIntent: true, bot: { contentIntent: true } });
  expect(reading.discord.gateway.identifies).toEqual([(1 << 9) | (1 << 12) | (1 << 15)]);
});

test("is ready while the gateway is connected", async () => {
  const { bot, another } = await openRoom();
  expect(bot.ready()).toBe(true);
  expect(another().ready()).toBe(false);
  await bot.stop();
  expect(bot.ready()).toBe(false);
});

test("does not start with an intent that Discord withholds", async () => {
  const { another, log } = await openRoom({ started: false });
  await expect(another({ contentIntent: true }).start()).rejects.toThrow("Discord withholds DISCORD_CONTENT_INTENT");
  expect(log.lines.some(({ level }) => level === "error")).toBe(true);
});

test("checks its token without posting, and says in one sentence what is wrong", async () => {
  const { bot, another, discord } = await openRoom({ started: false });
  await expect(bot.check()).resolves.toBeUndefined();
  await expect(another({ token: "wrong" }).check()).rejects.toThrow("Discord does not accept DISCORD_TOKEN.");
  await expect(another({ token: "wrong" }).start()).rejects.toThrow("Discord does not accept DISCORD_TOKEN.");
  await expect(another({ apiUrl: "http://127.0.0.1:9/api" }).check()).rejects.toThrow(
    /^Discord cannot be reached at .*\.$/,
  );
  expect(discord.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("finishes what is under way when it stops, and takes nothing new", async () => {
  const { bot, discord, usecases } = await openRoom();
  let goOn: (value?: unknown) => void = () => undefined;
  usecases.slow = new Promise((resolve) => {
    goOn = resolve;
  });
  const ana = discord.user("ana");
  const asked = discord.command(ana, "imagine", { prompt: "a" });
  await discord.until(() => asked.ackMs !== undefined, "the acknowledgement");
  const stopped = bot.stop();
  await discord.until(() => discord.gateway.connected === 0, "the end of the connection");
  goOn();
  await stopped;
  expect(asked.reply?.content).toContain("Waiting");
  expect(discord.gateway.connected).toBe(0);
});
