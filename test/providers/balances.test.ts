import { expect, test } from "vitest";
import { createBalances } from "../../src/providers/balances.ts";
import type { Balance, Provider } from "../../src/providers/provider.ts";
import { scriptedProvider } from "../support/services/scripted-provider.ts";
import { testLog, testWorld } from "../support/world.ts";

const telling = (name: string, balance: () => Promise<Balance | undefined>): Provider => ({
  ...scriptedProvider(name),
  balance,
});
const credits = (amount: number): Balance => ({ amount, unit: "credits", low: amount < 20 });

test("are read from the services that tell, and from the others nothing", async () => {
  const providers = [
    telling("rich", async () => credits(500)),
    telling("silent", async () => undefined),
    telling("down", async () => Promise.reject(new Error("503"))),
    scriptedProvider("mute"),
  ];
  expect(await createBalances(providers, testWorld(), testLog()).read()).toEqual({ rich: credits(500) });
});

test("are warned of once when they become low, and again after somebody paid in", async () => {
  let amount = 100;
  const world = testWorld();
  const log = testLog();
  const stop = new AbortController();
  const looks: number[] = [];
  const provider = telling("service", async () => {
    looks.push(amount);
    return credits(amount);
  });
  const watching = createBalances([provider], world, log).watch(stop.signal);
  const warnings = () => log.lines.filter(({ level }) => level === "warn").length;
  const seen: number[] = [];
  for (const next of [10, 5, 200, 3]) {
    await new Promise(setImmediate);
    seen.push(warnings());
    amount = next;
    world.advance(600_000);
  }
  await new Promise(setImmediate);
  expect([...seen, warnings()]).toEqual([0, 1, 1, 1, 2]);
  expect(looks).toEqual([100, 10, 5, 200, 3]);
  stop.abort();
  await watching;
});
