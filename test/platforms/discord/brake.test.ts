import { expect, test } from "vitest";
import { type Delivered, type Delivery, DeliveryDelayed } from "../../../src/contract/delivery.ts";
import { finishedJob } from "./finished.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

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

/** A place for each of so many jobs: a channel of its own, in a guild that does not tell that it is closed. */
async function closedPlaces(room: TestPlatform, count: number, guild = room.discord.general.guild) {
  const { delivery } = await finishedJob(room);
  const place = JSON.parse(delivery.replyTarget);
  return Array.from({ length: count }, (_, index) => {
    const channel = room.discord.channel(guild);
    channel.may.send = false;
    const replyTarget = JSON.stringify({ ...place, guild: guild?.id, channel: channel.id, tokenUntil: 0 });
    return { ...delivery, replyTarget, nonce: `n${index}` };
  });
}

async function endsOf(room: TestPlatform, deliveries: readonly Delivery[]): Promise<string[]> {
  const ends: string[] = [];
  for (const delivery of deliveries) {
    ends.push(
      await room.bot.deliver(delivery).then(
        ({ route }: Delivered) => route,
        (error: Error) => error.constructor.name,
      ),
    );
  }
  return ends;
}

test("lets no server cause more than twenty invalid requests in ten minutes, and still finds its members", async () => {
  const room = await openRoom();
  const ends = await endsOf(room, await closedPlaces(room, 30));
  expect(room.discord.invalidRequests).toBe(20);
  expect(new Set(ends)).toEqual(new Set(["direct"]));
  room.world.advance(10 * 60_000);
  await endsOf(room, await closedPlaces(room, 5));
  expect(room.discord.invalidRequests).toBe(25);
});

test("counts members with closed direct messages against the server where they asked, and delays what is left", async () => {
  const room = await openRoom();
  const places = await closedPlaces(room, 30);
  const deliveries = places.map((delivery, index) => {
    const user = room.discord.user(`closed ${index}`);
    user.dmsClosed = true;
    return { ...delivery, replyTarget: JSON.stringify({ ...JSON.parse(delivery.replyTarget), user: user.id }) };
  });
  const ends = await endsOf(room, deliveries);
  expect(room.discord.invalidRequests).toBe(20);
  expect(ends.slice(0, 9)).toEqual(Array(9).fill("none"));
  expect(new Set(ends.slice(12))).toEqual(new Set(["DeliveryDelayed"]));
});

test("goes on in another server, and in a channel of the same that takes messages, while a server refuses", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  await endsOf(room, await closedPlaces(room, 30));
  await expect(room.bot.deliver({ ...delivery, nonce: "open" })).resolves.toMatchObject({ route: "channel" });
  const other = room.discord.channel(room.discord.guild());
  const target = { ...JSON.parse(delivery.replyTarget), channel: other.id, guild: other.guild?.id };
  const elsewhere = { ...delivery, replyTarget: JSON.stringify(target), nonce: "elsewhere" };
  await expect(room.bot.deliver(elsewhere)).resolves.toMatchObject({ route: "channel" });
  expect(room.discord.messages(other)).toHaveLength(1);
});

test("acknowledges and answers interactions while nothing else is sent", async () => {
  const room = await openRoom();
  const { delivery, user } = await finishedJob(room);
  room.discord.fail({ method: "POST", path: /^\/channels/, status: "ban", retryAfterSeconds: 300 });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  const asked = room.discord.command(user, "credits");
  await room.reads(asked, "available");
  expect(room.discord.requests.filter(({ status }) => status === 429)).toHaveLength(1);
});

test("acknowledges while Discord limits the rate of everything else", async () => {
  const room = await openRoom();
  const { delivery, user } = await finishedJob(room);
  room.discord.fail({ method: "POST", path: /^\/channels/, status: 429, scope: "global", retryAfterSeconds: 50 });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  await room.reads(room.discord.command(user, "credits"), "available");
});

test("does not stop for channels that are deleted, and asks each once only", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.general.deleted = true;
  const gone = JSON.stringify({ ...JSON.parse(delivery.replyTarget), tokenUntil: 0 });
  await endsOf(
    room,
    Array.from({ length: 5 }, (_, index) => ({ ...delivery, replyTarget: gone, nonce: `n${index}` })),
  );
  const asked = room.discord.requests.filter(({ path }) => path === `/channels/${room.discord.general.id}/messages`);
  expect(asked).toHaveLength(1);
});

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
