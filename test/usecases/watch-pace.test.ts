import { expect, test } from "vitest";
import { watch } from "../../src/usecases/watch.ts";
import { openRoom } from "../support/test-bot.ts";

test("who waits far back in a long queue is looked at less often, and hears of a change all the same", async () => {
  const room = await openRoom();
  const pauses: number[] = [];
  const sleep = (ms: number, signal?: AbortSignal) => {
    pauses.push(ms);
    return new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
  };
  const context = { ...room.context, world: { ...room.world, sleep } };
  const jobs = [];
  for (let at = 0; at < 13; at += 1) {
    jobs.push(await room.usecases.imagine({ prompt: "a red bicycle" }, room.caller(`member-${at}`)));
  }
  const [first, last] = [jobs[0], jobs[12]];
  if (!first || !last) throw new Error("no jobs");
  const end = new AbortController();
  const [front, back] = [first, last].map((job) => watch(context, job.id, end.signal)[Symbol.asyncIterator]());
  await front?.next();
  const next = front?.next();
  await expect.poll(() => pauses).toEqual([2000]);
  expect((await back?.next())?.value?.position).toBe(13);
  const changed = back?.next();
  await expect.poll(() => pauses).toEqual([2000, 6500]);
  await room.usecases.cancel(last.id, room.caller("member-12"));
  expect((await changed)?.value?.state).toBe("cancelled");
  end.abort();
  await next;
  await room.close();
});
