import { expect, test } from "vitest";
import { DeliveryDelayed } from "../../../src/contract/delivery.ts";
import { finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

test("asks a channel that refused it once only, and again after five minutes", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.general.may.send = false;
  for (let job = 0; job < 20; job += 1) {
    await expect(room.bot.deliver({ ...delivery, nonce: `n${job}` })).resolves.toMatchObject({ route: "channel" });
  }
  expect(room.discord.invalidRequests).toBe(1);
  room.world.advance(5 * 60_000);
  room.discord.general.may.send = true;
  await room.bot.deliver({ ...delivery, nonce: "last" });
  expect(room.discord.messages(room.discord.general).at(-1)?.nonce).toBe("last");
});

test("writes to a channel again as soon as an interaction shows that it may", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  room.discord.general.may.send = false;
  await room.bot.deliver(delivery);
  room.discord.general.may.send = true;
  await room.reads(room.discord.command(user, "credits"), "available");
  await room.bot.deliver({ ...delivery, nonce: "again" });
  expect(room.discord.messages(room.discord.general).at(-1)?.nonce).toBe("again");
});

test("sends fewer than a hundred invalid requests in ten minutes, however many channels refuse it", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  const place = JSON.parse(delivery.replyTarget);
  const ends: string[] = [];
  for (let job = 0; job < 150; job += 1) {
    const channel = room.discord.channel(room.discord.general.guild);
    channel.may.send = false;
    const elsewhere = JSON.stringify({ ...place, channel: channel.id, tokenUntil: 0 });
    const sent = room.bot.deliver({ ...delivery, replyTarget: elsewhere, nonce: `n${job}` });
    ends.push(await sent.then(({ route }) => route).catch((error) => error.constructor.name));
  }
  expect(room.discord.invalidRequests).toBeLessThan(100);
  expect(ends).toContain("direct");
  expect(ends.at(-1)).toBe("DeliveryDelayed");
  room.world.advance(10 * 60_000);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
}, 30_000);

test.each([
  ["Cloudflare's page", { status: "ban", retryAfterSeconds: 120 } as const],
  ["Discord's own words", { status: 403, code: 40333 } as const],
])("sends nothing at all for a while after a ban told by %s", async (_, fault) => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.fail({ method: "POST", path: /messages$/, ...fault });
  const delayed = await room.bot.deliver(delivery).catch((error) => error);
  expect(delayed).toBeInstanceOf(DeliveryDelayed);
  const sent = room.discord.requests.length;
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  expect(room.discord.requests).toHaveLength(sent);
  room.world.advance(10 * 60_000);
  await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
});

test.each(["user", "global", "shared"] as const)(
  "waits out a rate limit of scope %s, and loses nothing",
  async (scope) => {
    const room = await openRoom();
    const { delivery } = await finishedJob(room);
    room.discord.fail({ method: "POST", path: /messages$/, status: 429, scope, retryAfterSeconds: 0.01 });
    await expect(room.bot.deliver(delivery)).resolves.toMatchObject({ route: "channel" });
    expect(room.discord.messages(room.discord.general)).toHaveLength(1);
  },
);

test("keeps to the rate that Discord tells for a channel, and does not hold up others", async () => {
  const room = await openRoom({ rate: { messages: 3, ms: 400 } });
  const { delivery } = await finishedJob(room);
  const other = room.discord.channel(room.discord.general.guild);
  const place = JSON.stringify({ ...JSON.parse(delivery.replyTarget), channel: other.id });
  const crowd = Array.from({ length: 10 }, (_, index) => room.bot.deliver({ ...delivery, nonce: `n${index}` }));
  await room.bot.deliver({ ...delivery, replyTarget: place, nonce: "other" });
  expect(room.discord.messages(room.discord.general).length).toBeLessThan(10);
  await Promise.all(crowd);
  expect(room.discord.messages(room.discord.general)).toHaveLength(10);
  expect(room.discord.invalidRequests).toBeLessThanOrEqual(1);
});
