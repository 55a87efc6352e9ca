import { expect, test } from "vitest";
import { createActive } from "../../src/worker/active.ts";

test("a job that was claimed again stays active when the work of its earlier claim ends", async () => {
  const active = createActive();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const works = [active.during("job", () => first.promise), active.during("job", () => second.promise)];
  first.resolve();
  await works[0];
  expect(active.jobs()).toEqual(["job"]);
  second.reject(new Error("bug"));
  await expect(works[1]).rejects.toThrow("bug");
  expect(active.jobs()).toEqual([]);
});
