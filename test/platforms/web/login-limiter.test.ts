import { beforeEach, expect, test } from "vitest";
import { createLoginLimiter, type LoginLimiter } from "../../../src/platforms/web/login-limiter.ts";
import { type TestWorld, testWorld } from "../../support/world.ts";

const minute = 60_000;
let world: TestWorld;
let limiter: LoginLimiter;
beforeEach(() => {
  world = testWorld();
  limiter = createLoginLimiter(world);
});

const right = () => true;
const wrong = () => false;
const times = (count: number, attempt: (n: number) => string) => Array.from({ length: count }, (_, n) => attempt(n));

test("lets one address try five passwords, then one a minute", () => {
  const visitor = { address: "203.0.113.7" };
  expect(times(7, () => limiter.attempt(visitor, wrong))).toEqual([...Array(5).fill("wrong"), "wait", "wait"]);
  world.advance(minute);
  expect(times(2, () => limiter.attempt(visitor, wrong))).toEqual(["wrong", "wait"]);
});

test("counts each address for itself", () => {
  for (let n = 0; n < 6; n++) limiter.attempt({ address: "203.0.113.7" }, wrong);
  expect(limiter.attempt({ address: "203.0.113.7" }, right)).toBe("wait");
  expect(limiter.attempt({ address: "203.0.113.8" }, right)).toBe("right");
});

test("evaluates few of the guesses that come from ten thousand addresses, and goes on later", () => {
  const guesses = times(10_000, (n) => limiter.attempt({ address: `203.0.${n >> 8}.${n & 255}` }, wrong));
  expect(guesses.filter((outcome) => outcome === "wrong")).toHaveLength(30);
  expect(limiter.attempt({ address: "198.51.100.1" }, right)).toBe("wait");
  world.advance(minute);
  expect(limiter.attempt({ address: "198.51.100.1" }, right)).toBe("right");
});

test("forgets no wrong try of an address while others flood it", () => {
  for (let n = 0; n < 5; n++) limiter.attempt({ address: "203.0.113.7" }, wrong);
  for (let n = 0; n < 20_000; n++) limiter.attempt({ address: `2001:db8:${n.toString(16)}::/64` }, wrong);
  expect(limiter.attempt({ address: "203.0.113.7" }, right)).toBe("wait");
});

test("never holds a known device up for what strangers do, but for its own guesses", () => {
  for (let n = 0; n < 100; n++) limiter.attempt({ address: `203.0.113.${n}` }, wrong);
  for (let n = 0; n < 6; n++) limiter.attempt({ address: "198.51.100.1" }, wrong);
  const device = { address: "198.51.100.1", device: "laptop" };
  expect(limiter.attempt(device, right)).toBe("right");
  expect(times(6, () => limiter.attempt(device, wrong)).at(-1)).toBe("wait");
});

test("brakes those whom no address tells apart, and locks none of them out", () => {
  for (let n = 0; n < 6; n++) limiter.attempt({}, wrong);
  expect(limiter.attempt({}, right)).toBe("right");
  expect(times(100, () => limiter.attempt({}, wrong)).filter((outcome) => outcome === "wrong")).toHaveLength(24);
});
