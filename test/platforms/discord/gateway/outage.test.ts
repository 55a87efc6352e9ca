import { expect, test } from "vitest";
import { openRoom, type TestPlatform } from "../test-platform.ts";

const lost = "discord: a gateway connection is lost";
const back = "discord: a gateway connection is up again";
const waits = "discord: the next try to connect waits";

function logged({ log }: TestPlatform, message: string) {
  return log.lines.filter((line) => line.message === message).map(({ facts }) => facts as Record<string, unknown>);
}

/** Waits for the next pause before a connection, and lets it pass. */
async function nextPause(room: TestPlatform): Promise<number> {
  const seen = logged(room, waits).length;
  const [pause] = await room.discord.until(() => {
    const pauses = logged(room, waits).slice(seen);
    return pauses.length > 0 && pauses;
  }, "a pause before the next connection");
  return Number(pause?.ms);
}

test("is not ready for as long as the gateway is away, and says why and when it is back", async () => {
  const room = await openRoom();
  room.discord.gateway.vanish();
  await room.discord.until(() => !room.bot.ready(), "the end of readiness");
  expect(logged(room, lost)).toEqual([{ shard: 0, code: 1006, reason: expect.stringMatching(/./) }]);
  for (const ms of [1000, 2000, 4000]) {
    expect(await nextPause(room)).toBe(ms);
    expect(room.bot.ready()).toBe(false);
    room.world.advance(ms);
  }
  const pause = await nextPause(room);
  room.discord.gateway.mood = "well";
  room.world.advance(pause);
  await room.discord.until(() => room.bot.ready(), "readiness");
  expect(logged(room, lost)).toHaveLength(1);
  expect(logged(room, back)).toEqual([{ shard: 0, ms: 15_000 }]);
  await room.reads(room.discord.command(room.discord.user("ana"), "credits"), "available");
});

test("slows down when the gateway closes each connection at once, and says so", async () => {
  const room = await openRoom();
  room.discord.gateway.mood = 4002;
  room.discord.gateway.drop();
  const pauses: number[] = [];
  while (pauses.length < 4) {
    const ms = await nextPause(room);
    pauses.push(ms);
    room.world.advance(ms);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  expect(logged(room, lost)).toContainEqual({ shard: 0, code: 4002, reason: "DecodeError" });
  const tries = room.discord.gateway.tries;
  await nextPause(room);
  room.world.advance(15_999);
  expect(room.discord.gateway.tries).toBe(tries + 1);
  room.discord.gateway.mood = "well";
  room.world.advance(1);
  await room.discord.until(() => room.bot.ready(), "readiness");
});

test("is not ready while a connection that stands gives no sign of life", async () => {
  const room = await openRoom();
  const later = async (times: number) => {
    for (let step = 0; step < times; step += 1) {
      room.world.advance(5000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await later(2);
  await room.discord.until(() => room.discord.gateway.heartbeats === 1, "the question for a sign of life");
  expect(room.bot.ready()).toBe(true);
  room.discord.gateway.mood = "mute";
  await later(4);
  expect(room.bot.ready()).toBe(false);
  expect(logged(room, lost)).toContainEqual({ shard: 0, reason: "no sign of life" });
  await room.reads(room.discord.command(room.discord.user("ben"), "credits"), "available");
  expect(room.bot.ready()).toBe(true);
  expect(logged(room, back)).toHaveLength(logged(room, lost).length);
});

test("is not ready when one of several shards is away", async () => {
  const room = await openRoom({ shards: 2 });
  expect(room.bot.ready()).toBe(true);
  room.discord.gateway.mood = "away";
  room.discord.gateway.drop(1);
  await room.discord.until(() => !room.bot.ready(), "the end of readiness");
  expect(logged(room, lost)).toEqual([{ shard: 1, code: 4000, reason: "UnknownError" }]);
});

test("resumes after one closing without a pause, as Discord closes now and then", async () => {
  const room = await openRoom();
  room.world.advance(60_000);
  room.discord.gateway.drop();
  await room.discord.until(() => room.discord.gateway.resumes === 1 && room.bot.ready(), "the resumed session");
  expect(logged(room, waits)).toEqual([]);
});

test("tries on at start while Discord is away, and connects when it is back", async () => {
  const room = await openRoom({ started: false });
  room.discord.fail({ method: "GET", path: /applications/, status: 503, times: 1 });
  room.discord.fail({ method: "GET", path: /commands$/, status: "drop" });
  const started = room.bot.start();
  const message = "discord: not connected; the next try waits";
  await room.discord.until(() => logged(room, message).length === 1, "the first failure");
  expect(room.bot.ready()).toBe(false);
  room.world.advance(2000);
  await room.discord.until(() => logged(room, message).length === 2, "the second failure");
  room.world.advance(4000);
  await started;
  expect(room.bot.ready()).toBe(true);
  const [first, second] = logged(room, message).map(({ reason }) => reason);
  expect(first).toMatch(/is out of order/);
  expect(second).toMatch(/cannot be reached/);
});

test("stops in the middle of trying to connect", async () => {
  const room = await openRoom({ started: false });
  room.discord.gateway.mood = "away";
  const started = room.bot.start();
  await room.discord.until(() => room.discord.gateway.tries > 0, "a try");
  await room.bot.stop();
  await started;
  expect(room.bot.ready()).toBe(false);
});
