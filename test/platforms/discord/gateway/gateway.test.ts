import { expect, test } from "vitest";
import { openRoom } from "../test-platform.ts";

test("asks for no privileged intent, except for message content when the operator switched it on", async () => {
  const plain = await openRoom();
  expect(plain.discord.gateway.identifies).toEqual([1 | (1 << 9) | (1 << 12)]);
  const reading = await openRoom({ contentIntent: true, bot: { contentIntent: true } });
  expect(reading.discord.gateway.identifies).toEqual([1 | (1 << 9) | (1 << 12) | (1 << 15)]);
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

test.each([
  [{ status: 403, code: 50001 }, /refuses the bot: .*403.*50001/],
  [{ status: 400, code: 0 }, /refuses the bot: .*400/],
  [{ status: 503 }, /is out of order: Discord answered 503/],
  [{ status: "drop" }, /cannot be reached at .*: no connection \(/],
] as const)("tells at start what kind of trouble Discord has: %j", async (fault, words) => {
  const { bot, discord } = await openRoom({ started: false });
  discord.fail({ method: "GET", path: /@me$/, ...fault });
  const message = await bot.check().then(String, ({ message }: Error) => message);
  expect(message).toMatch(words);
  if (fault.status !== "drop") expect(message).not.toContain("cannot be reached");
});

test("goes on without a command that Discord refuses, and names the command and the field", async () => {
  const { bot, discord, log } = await openRoom({ started: false });
  const errors = { 0: { options: { 1: { description: { _errors: [{ code: "X", message: "Must be shorter." }] } } } } };
  discord.fail({ method: "PUT", path: /commands$/, status: 400, code: 50035, errors });
  await bot.start();
  expect(bot.ready()).toBe(true);
  const lines = log.lines.find(({ level }) => level === "error")?.message.split("\n");
  expect(lines).toEqual([
    "Discord does not register the bot's commands.",
    expect.stringMatching(/^\/[a-z]+: options\.[a-z]+\.description: Must be shorter\.$/),
  ]);
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

test("takes only its own part of the shards, so that several processes share the servers", async () => {
  const { discord, another } = await openRoom({ started: false });
  const [first, second] = [another({ shards: { ids: [0, 1], of: 4 } }), another({ shards: { ids: [2, 3], of: 4 } })];
  await first.start();
  expect(discord.gateway.connected).toBe(2);
  await second.start();
  expect(discord.gateway.connected).toBe(4);
  await first.stop();
  expect(second.ready()).toBe(true);
});

test("prints the link by which a server takes it in, with the permissions that it needs", async () => {
  const { log } = await openRoom();
  const printed = log.lines.map(({ facts }) => ("link" in facts ? String(facts.link) : "")).join("");
  const { searchParams } = new URL(printed);
  expect(searchParams.get("scope")).toBe("bot applications.commands");
  const [view, send, attach, history, threads] = [1n << 10n, 1n << 11n, 1n << 15n, 1n << 16n, 1n << 38n];
  expect(BigInt(searchParams.get("permissions") ?? 0)).toBe(view | send | attach | history | threads);
});

test("goes on after an event that it cannot read", async () => {
  const { discord, log, reads } = await openRoom();
  discord.gateway.dispatch("GUILD_CREATE", null, undefined);
  await reads(discord.command(discord.user("ana"), "credits"), "available");
  expect(log.lines.some(({ message }) => message === "discord: an event could not be read")).toBe(true);
});
