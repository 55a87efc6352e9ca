import { expect, test } from "vitest";
import { createLoginLimiter } from "../../../src/platforms/web/login-limiter.ts";
import type { Cache } from "../../../src/world.ts";
import { testWorld } from "../../support/world.ts";

/** Takes its time, as one on the network would. */
function slowCache(): Cache {
  const entries = new Map<string, unknown>();
  const later = () => new Promise(setImmediate);
  return {
    get: <Value>(key: string) => later().then(() => entries.get(key) as Value | undefined),
    set: (key, value) => later().then(() => void entries.set(key, value)),
    delete: (key) => later().then(() => void entries.delete(key)),
  };
}

test("counts tries that come all at once one by one", async () => {
  const limiter = createLoginLimiter({ cache: slowCache(), world: testWorld() });
  const tries = Array.from({ length: 20 }, () => limiter.attempt("203.0.113.7", () => false));
  expect((await Promise.all(tries)).filter((attempt) => attempt === "wrong")).toHaveLength(5);
});

test("counts each address for itself", async () => {
  const limiter = createLoginLimiter({ cache: slowCache(), world: testWorld() });
  for (let n = 0; n < 6; n++) await limiter.attempt("203.0.113.7", () => false);
  expect(await limiter.attempt("203.0.113.7", () => true)).toBe("wait");
  expect(await limiter.attempt("203.0.113.8", () => true)).toBe("right");
});

test("goes on after the cache failed once", async () => {
  const cache = slowCache();
  let failures = 1;
  const flaky: Cache = {
    ...cache,
    get: (key) => (failures-- > 0 ? Promise.reject(new Error("gone")) : cache.get(key)),
  };
  const limiter = createLoginLimiter({ cache: flaky, world: testWorld() });
  await expect(limiter.attempt("203.0.113.7", () => true)).rejects.toThrow("gone");
  expect(await limiter.attempt("203.0.113.7", () => true)).toBe("right");
});
