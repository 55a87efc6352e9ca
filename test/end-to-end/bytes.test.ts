import { afterEach, expect, test } from "vitest";
import { startAtelier } from "../../bench/bot/contender.ts";
import { startChild } from "../../bench/children.ts";
import type { Posted } from "../../bench/doubles/discord.ts";
import type { Prepared } from "../../bench/doubles/service.ts";

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function started<Running extends { stop(): Promise<void> }>(starting: Promise<Running>): Promise<Running> {
  const each = await starting;
  running.push(each);
  return each;
}

test("ten large images of one answer arrive at Discord byte for byte, in their order", async () => {
  const discord = await started(startChild("doubles/discord.ts", {}));
  const service = await started(startChild("doubles/service.ts", {}));
  const { hashes } = (await service.ask({ ask: "prepare", size: "4K", count: 10 })) as Prepared;
  await started(startAtelier({ discord: String(discord.hello), service: String(service.hello) }));
  await discord.ask({ ask: "trust", members: 1 });
  const asking = { ask: "images", count: 10, bytes: 0, look: true, uploadBytes: 500_000_000 };
  const posted = (await discord.ask(asking)) as Posted;
  expect(new Set(hashes).size).toBe(10);
  expect(posted.hashes).toEqual(hashes);
}, 60_000);
