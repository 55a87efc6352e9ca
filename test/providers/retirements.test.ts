import { expect, test } from "vitest";
import { Refusal } from "../../src/errors.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { createRetirements } from "../../src/providers/retirements.ts";
import { createRouter } from "../../src/providers/router.ts";
import { scriptedProvider } from "../support/services/scripted-provider.ts";
import { testLog, testWorld } from "../support/world.ts";
import { testRequest } from "./call.ts";

const dayMs = 86_400_000;
const endsAt = Date.UTC(2026, 11, 1);

const ending = (name: string, changed: Partial<Provider> = {}): Provider => ({
  ...scriptedProvider(name),
  model: { id: "old-model", endsAt },
  ...changed,
});

test("are near from 60 days before, and not earlier", () => {
  const world = testWorld(endsAt - 61 * dayMs);
  const retirements = createRetirements([ending("openai"), scriptedProvider("other")], world, testLog());
  expect(retirements.near()).toEqual({});
  world.advance(dayMs);
  expect(retirements.near()).toEqual({ openai: { model: "old-model", endsAt } });
  expect(retirements.hasEnded("openai")).toBe(false);
});

test("follow what the service tells before what is known, and survive one that does not answer", async () => {
  const earlier = endsAt - 10 * dayMs;
  const world = testWorld(earlier);
  const telling = ending("telling", { modelEnd: async () => earlier });
  const silent = ending("silent", { modelEnd: () => Promise.reject(new Error("404")) });
  const retirements = createRetirements([telling, silent], world, testLog());
  await retirements.ask();
  expect(retirements.hasEnded("telling")).toBe(true);
  expect(retirements.of("silent")).toEqual({ model: "old-model", endsAt });
});

test("are warned of each day, as an error once they are past", async () => {
  const world = testWorld(endsAt - dayMs / 2);
  const log = testLog();
  const stop = new AbortController();
  const watching = createRetirements([ending("openai")], world, log).watch(stop.signal);
  await new Promise(setImmediate);
  world.advance(dayMs);
  await new Promise(setImmediate);
  stop.abort();
  await watching;
  const warnings = log.lines.filter(({ level }) => level === "warn" || level === "error");
  expect(warnings.map(({ level }) => level)).toEqual(["warn", "error"]);
  expect(JSON.stringify(warnings)).toContain("2026-12-01");
});

test("keep a service from being chosen from that day on, and say so to whoever insists on it", () => {
  const world = testWorld(endsAt - 1);
  const providers = [ending("openai"), scriptedProvider("other")];
  const retirements = createRetirements(providers, world, testLog());
  const router = createRouter({ providers, markupPercent: 0, breakers: { isOpen: () => false }, retirements });
  expect(router.route(testRequest()).provider.name).toBe("openai");
  world.advance(1);
  expect(router.route(testRequest()).provider.name).toBe("other");
  const insisted = () => router.route(testRequest({ provider: "openai" }));
  expect(insisted).toThrow(Refusal);
  expect(insisted).toThrow("service-ended");
});
