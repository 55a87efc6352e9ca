import { expect, test } from "vitest";
import { createWorker } from "../../src/worker/loop.ts";
import { testLog, testWorld } from "../support/world.ts";

/** A source that a test fills, and whose pieces end when the test says so. */
function source(slots: number) {
  const waiting: string[] = [];
  const running = new Map<string, PromiseWithResolvers<void>>();
  const begun: string[] = [];
  let noticed = Promise.withResolvers<void>();
  return {
    waiting,
    running,
    begun,
    name: "test",
    slots,
    claim: async (wanted: number) => waiting.splice(0, wanted),
    perform(piece: string) {
      const end = Promise.withResolvers<void>();
      running.set(piece, end);
      begun.push(piece);
      noticed.resolve();
      noticed = Promise.withResolvers<void>();
      return end.promise.finally(() => running.delete(piece));
    },
    async until(count: number) {
      while (begun.length < count) await noticed.promise;
    },
  };
}

test("takes on no more at a time than it has slots, and the next as soon as one ends", async () => {
  const work = source(2);
  work.waiting.push("a", "b", "c");
  const worker = createWorker(work, testWorld(), testLog());
  worker.start();
  await work.until(2);
  expect([...work.running.keys()]).toEqual(["a", "b"]);
  work.running.get("a")?.resolve();
  await work.until(3);
  expect([...work.running.keys()]).toEqual(["b", "c"]);
  for (const end of work.running.values()) end.resolve();
  await worker.stop();
});

test("looks for work when it is woken, and otherwise after a second", async () => {
  const work = source(1);
  const world = testWorld();
  const worker = createWorker(work, world, testLog());
  worker.start();
  await new Promise(setImmediate);
  work.waiting.push("woken");
  worker.wake();
  await work.until(1);
  work.running.get("woken")?.resolve();
  await new Promise(setImmediate);
  work.waiting.push("polled");
  world.advance(1000);
  await work.until(2);
  work.running.get("polled")?.resolve();
  await worker.stop();
});

test("finishes what it began before it stops, and claims nothing more", async () => {
  const work = source(1);
  work.waiting.push("a", "b");
  const worker = createWorker(work, testWorld(), testLog());
  worker.start();
  await work.until(1);
  const stopped = worker.stop();
  work.running.get("a")?.resolve();
  await stopped;
  expect(work.begun).toEqual(["a"]);
});

test("goes on after a failed claim and after a bug in a piece, and logs both", async () => {
  const work = source(1);
  const log = testLog();
  const world = testWorld();
  let failures = 1;
  const claim = work.claim;
  work.claim = async (wanted) => {
    if (failures-- > 0) throw new Error("database away");
    return claim(wanted);
  };
  work.waiting.push("a", "b");
  const worker = createWorker(work, world, log);
  worker.start();
  await new Promise(setImmediate);
  world.advance(1000);
  await work.until(1);
  work.running.get("a")?.reject(new Error("bug"));
  await work.until(2);
  work.running.get("b")?.resolve();
  await worker.stop();
  expect(log.lines.map(({ level }) => level)).toEqual(["warn", "error"]);
});
