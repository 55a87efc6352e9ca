import { beforeEach, expect, test } from "vitest";
import { ProviderError, type RefusedFor } from "../../src/errors.ts";
import { type Breakers, createBreakers } from "../../src/providers/breakers.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

let world: TestWorld;
let breakers: Breakers;
beforeEach(() => {
  world = testWorld();
  breakers = createBreakers(world);
});

const ends = (outcome: ProviderError["outcome"], refusedFor?: RefusedFor, retryAfterMs?: number) =>
  breakers.ended("a", new ProviderError("a", outcome, "", { refusedFor, retryAfterMs }));
const state = () => ({ open: breakers.isOpen("a"), resting: breakers.isResting("a") });

test("are closed for a service that was never called, and for one that works", () => {
  expect(state()).toEqual({ open: false, resting: false });
  breakers.ended("a", undefined);
  expect(state()).toEqual({ open: false, resting: false });
});

test("let a service rest for exactly as long as it asks", () => {
  ends("refused", "rate", 5000);
  expect(state()).toEqual({ open: true, resting: true });
  world.advance(4999);
  expect(state().resting).toBe(true);
  world.advance(1);
  expect(state()).toEqual({ open: false, resting: false });
});

test.each(["key", "money"] as const)(
  "avoid a service whose operator must act (%s), but let members hear it at once",
  (why) => {
    ends("refused", why);
    expect(state()).toEqual({ open: true, resting: false });
    world.advance(60_000);
    expect(state().open).toBe(false);
  },
);

test("open after three calls in a row that came to nothing, longer each time, until one succeeds", () => {
  ends("unknown");
  ends("failed");
  expect(state().open).toBe(false);
  ends("not-sent");
  expect(state()).toEqual({ open: true, resting: true });
  world.advance(30_000);
  expect(state().open).toBe(false);
  ends("unknown");
  world.advance(59_999);
  expect(state().open).toBe(true);
  world.advance(1);
  breakers.ended("a", undefined);
  ends("unknown");
  expect(state().open).toBe(false);
});

test("pause once, and not longer, when one outage ends many calls at the same time", () => {
  for (let i = 0; i < 20; i++) ends("unknown");
  world.advance(29_999);
  ends("unknown"); // it began before the outage
  expect(state().resting).toBe(true);
  world.advance(1);
  expect(state()).toEqual({ open: false, resting: false });
  for (let i = 0; i < 20; i++) ends("unknown");
  world.advance(59_999);
  expect(state().resting).toBe(true);
  world.advance(1);
  expect(state().resting).toBe(false);
});

test("close at once when a call that began before succeeds, but not before the time for which the service asked", () => {
  for (let i = 0; i < 3; i++) ends("unknown");
  ends("refused", "money");
  ends("moderated");
  expect(state()).toEqual({ open: false, resting: false });
  ends("refused", "rate", 5000);
  breakers.ended("a", undefined);
  expect(state()).toEqual({ open: true, resting: true });
});

test("do not mind requests that a service refuses for what they are", () => {
  for (let i = 0; i < 5; i++) {
    ends("moderated");
    ends("refused", "request");
  }
  expect(state()).toEqual({ open: false, resting: false });
});

test("keep services apart", () => {
  ends("refused", "rate");
  expect(breakers.isOpen("b")).toBe(false);
});
