import { expect, test } from "vitest";
import { DeliveryDelayed } from "../../../src/contract/delivery.ts";
import { finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

test("puts a delivery off when Discord answers 5xx, and never sends the message twice by itself", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.fail({ method: "POST", path: /messages$/, status: 503 });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  expect(
    room.discord.requests.filter(({ path, method }) => method === "POST" && path.endsWith("messages")),
  ).toHaveLength(1);
});

test("adopts the message that an earlier try left, long after the nonce is forgotten", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { values: { count: 6 }, sizes: Array(6).fill(2000) });
  room.discord.fail({ method: "POST", path: /messages$/, status: "drop", afterStoring: true });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  room.discord.advance(20 * 60_000);
  const delivered = await room.another().deliver({ ...delivery, repeated: true });
  const messages = room.discord.messages(room.discord.general);
  expect(messages.map(({ attachments }) => attachments.length)).toEqual([5, 1]);
  expect(delivered.messages).toEqual(messages.map(({ id }) => `discord:${room.discord.general.id}:${id}`));
});

test("is saved by the nonce where it may not read the history", async () => {
  const room = await openRoom();
  room.discord.general.may.history = false;
  const { delivery } = await finishedJob(room, { values: { count: 6 }, sizes: Array(6).fill(2000) });
  room.discord.fail({ method: "POST", path: /messages$/, status: 500, afterStoring: true });
  await expect(room.bot.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  await room.bot.deliver({ ...delivery, repeated: true });
  expect(room.discord.messages(room.discord.general)).toHaveLength(2);
});

test("adopts nothing that somebody else wrote", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const [message] = room.discord.messages(room.discord.general);
  Object.assign(message as object, { author: user.id, nonce: undefined });
  await room.bot.deliver({ ...delivery, repeated: true });
  expect(room.discord.messages(room.discord.general)).toHaveLength(2);
});

test("waits out a rate limit and sends the whole upload again", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room, { sizes: [1_000_000] });
  room.discord.fail({ method: "POST", path: /messages$/, status: 429, retryAfterSeconds: 0.01, times: 2 });
  await room.bot.deliver(delivery);
  expect(room.discord.messages(room.discord.general)[0]?.attachments[0]?.size).toBe(1_000_000);
});

test("leaves a long rate limit to the queue of deliveries", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  room.discord.fail({ method: "POST", path: /messages$/, status: 429, retryAfterSeconds: 90 });
  const delayed = await room.bot.deliver(delivery).catch((error) => error);
  expect(delayed).toBeInstanceOf(DeliveryDelayed);
  expect(delayed.retryAfterMs).toBeGreaterThanOrEqual(90_000);
});

test("keeps the images for later when the bot's token is refused, and sends nothing more with it", async () => {
  const room = await openRoom({ started: true });
  const { delivery } = await finishedJob(room);
  const revoked = room.another({ token: "revoked" });
  await expect(revoked.deliver(delivery)).rejects.toBeInstanceOf(DeliveryDelayed);
  await expect(revoked.deliver({ ...delivery, repeated: true })).rejects.toBeInstanceOf(DeliveryDelayed);
  expect(room.discord.invalidRequests).toBe(1);
});
