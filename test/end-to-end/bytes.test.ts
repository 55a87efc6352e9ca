import { afterEach, expect, test } from "vitest";
import { type Child, startChild } from "../../bench/children.ts";
import type { Arrived } from "../../bench/pipeline/servers.ts";

const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await child.stop();
});

test("ten large images of one answer arrive at Discord byte for byte, in their order", async () => {
  const servers = await startChild("pipeline/servers.ts", {});
  children.push(servers);
  const sent = (await servers.ask({ ask: "prepare", small: false, count: 10 })) as readonly string[];
  const bot = await startChild("pipeline/atelier.ts", { SERVERS: String(servers.hello) });
  children.push(bot);
  await servers.ask({ ask: "check" });
  await bot.ask(10);
  const { hashes } = (await servers.ask({ ask: "tally" })) as Arrived;
  expect(new Set(sent).size).toBe(10);
  expect(hashes).toEqual(sent);
}, 60_000);
