import { expect, test } from "vitest";
import { bufferBytes, giveBack, takeBuffer } from "../../src/flow/buffers.ts";

test("hands out a buffer that was given back, and never one buffer twice", () => {
  const first = takeBuffer();
  expect(first).toHaveLength(bufferBytes);
  giveBack(first);
  const again = takeBuffer();
  expect(again).toBe(first);
  expect(takeBuffer()).not.toBe(first);
});

test("keeps a dozen buffers and leaves the others to the garbage collector", () => {
  const taken = Array.from({ length: 20 }, takeBuffer);
  for (const buffer of taken) giveBack(buffer);
  const kept = Array.from({ length: 20 }, takeBuffer).filter((buffer) => taken.includes(buffer));
  expect(kept).toHaveLength(12);
});
