import { expect, test } from "vitest";
import { decoding } from "../../src/images/load-sharp.ts";

test("decodes two images at a time, in the order they came, and goes on after a failure", async () => {
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const work = [0, 1, 2, 3].map((at) =>
    decoding(async () => {
      started.push(at);
      await new Promise<void>((resolve) => finish.push(resolve));
      if (at === 0) throw new Error("on purpose");
      return at;
    }),
  );
  const ended = Promise.allSettled(work);
  for (const expected of [
    [0, 1],
    [0, 1, 2],
    [0, 1, 2, 3],
  ]) {
    await expect.poll(() => started).toEqual(expected);
    finish.shift()?.();
  }
  for (const done of finish) done();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
});
