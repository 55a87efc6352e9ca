import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { startAtelier } from "../../bench/bot/contender.ts";
import { startChild } from "../../bench/children.ts";
import type { Posted } from "../../bench/doubles/discord.ts";
import type { Prepared } from "../../bench/doubles/image-service.ts";

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function started<Running extends { stop(): Promise<void> }>(starting: Promise<Running>): Promise<Running> {
  const each = await starting;
  running.push(each);
  return each;
}

/** The real bot between doubles in other processes, and what the service will answer. */
async function openHouse(size: "1K" | "4K", count: number, flags: readonly string[] = []) {
  const discord = await started(startChild("doubles/discord.ts", {}));
  const service = await started(startChild("doubles/image-service.ts", {}));
  const sent = (await service.ask({ ask: "prepare", size, count })) as Prepared;
  const addresses = { discord: String(discord.hello), service: String(service.hello) };
  const bot = await started(startAtelier(addresses, flags));
  await discord.ask({ ask: "trust", members: 1 });
  const asking = { ask: "images", count, bytes: 0, look: true, uploadBytes: 500_000_000 };
  return { bot, sent, draw: async () => (await discord.ask(asking)) as Posted };
}

test("ten large images of one answer arrive at Discord byte for byte, in their order", async () => {
  const { sent, draw } = await openHouse("4K", 10);
  const { hashes } = await draw();
  expect(new Set(sent.hashes).size).toBe(10);
  expect(hashes).toEqual(sent.hashes);
}, 60_000);

test("every byte of a delivered image is hashed once, and read once for its post and never for anything else", async () => {
  const counting = path.join(import.meta.dirname, "../support/bytes-counted.ts");
  const { bot, sent, draw } = await openHouse("4K", 3, ["--import", counting]);
  const before = { ...((await bot.ask("bytes")) as Counted) };
  const { hashes } = await draw();
  const after = (await bot.ask("bytes")) as Counted;
  expect(hashes).toEqual(sent.hashes);
  expect(after.hashed - before.hashed).toBeGreaterThanOrEqual(sent.bytes);
  expect(after.hashed - before.hashed).toBeLessThan(sent.bytes + smallBytes);
  expect(after.read - before.read).toBeGreaterThanOrEqual(sent.bytes);
  // The start and the end of an image tell what it is, and that it is whole.
  expect(after.read - before.read).toBeLessThan(sent.bytes + 3 * startAndEndBytes + smallBytes);
}, 60_000);

interface Counted {
  readonly hashed: number;
  readonly read: number;
}

const smallBytes = 200_000;
const startAndEndBytes = 72_000;
