import { expect, test } from "vitest";
import type { ObjectStore } from "../../../src/images/spool/object-store.ts";
import { readingFailsFast } from "../../../src/images/spool/reading-fails-fast.ts";

function storage() {
  let asked = 0;
  const state = { away: false, now: 0, silenceMs: 2000 };
  const answer = async <Value>(value: Value): Promise<Value> => {
    asked += 1;
    if (state.away) state.now += state.silenceMs;
    if (state.away) throw new Error("connect ECONNREFUSED");
    return value;
  };
  const store: ObjectStore = {
    put: () => answer(undefined),
    get: () => answer(true),
    async *list() {
      yield* await answer([]);
    },
    delete: () => answer(undefined),
  };
  return { state, store: readingFailsFast(store, () => state.now), asked: () => asked };
}

const listed = (store: ObjectStore) => Array.fromAsync(store.list("results/"));

test("a read that follows one that failed slowly fails without a request", async () => {
  const { state, store, asked } = storage();
  state.away = true;
  await expect(store.get("key", "path")).rejects.toThrow("ECONNREFUSED");
  await expect(store.get("key", "path")).rejects.toThrow("a moment ago");
  await expect(listed(store)).rejects.toThrow("a moment ago");
  expect(asked()).toBe(1);
  state.now += 15_000;
  await expect(listed(store)).rejects.toThrow("ECONNREFUSED");
  state.away = false;
  state.now += 15_000;
  expect([await store.get("key", "path"), await listed(store), asked()]).toEqual([true, [], 4]);
});

test("a read that failed quickly is asked for again at once: it holds up nobody", async () => {
  const { state, store, asked } = storage();
  Object.assign(state, { away: true, silenceMs: 10 });
  await expect(store.get("key", "path")).rejects.toThrow("ECONNREFUSED");
  await expect(store.get("key", "path")).rejects.toThrow("ECONNREFUSED");
  expect(asked()).toBe(2);
});
