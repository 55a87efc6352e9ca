import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLanes } from "../../src/flow/lanes.ts";
import { createDecoders } from "../../src/images/decoder/decoders.ts";
import { photo } from "../images/samples.ts";
import { temporaryDirectory } from "../images/test-images.ts";

/** Work that ends when it is let go; `begun` tells what was begun, in that order. */
function workshop() {
  const begun: string[] = [];
  const running: PromiseWithResolvers<void>[] = [];
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      const end = Promise.withResolvers<void>();
      running.push(end);
      return end.promise;
    },
    /** Ends what was begun first, and lets others begin. */
    async endOne() {
      running.shift()?.resolve();
      await new Promise(setImmediate);
    },
  };
}

test("one member's many files delay another's by one, and their own order stays", async () => {
  const lanes = createLanes({ atOnce: 2, forMembers: 1 });
  const { begun, work, endOne } = workshop();
  for (let n = 1; n <= 4; n += 1) void lanes.forMember("many", work(`many ${n}`));
  void lanes.forMember("few", work("few 1"));
  void lanes.forMember("late", work("late 1"));
  for (let n = 0; n < 6; n += 1) await endOne();
  expect(begun).toEqual(["many 1", "few 1", "late 1", "many 2", "many 3", "many 4"]);
});

test("results do not wait for members' files, however many wait", async () => {
  const lanes = createLanes({ atOnce: 2, forMembers: 1 });
  const { begun, work, endOne } = workshop();
  for (let n = 1; n <= 10; n += 1) void lanes.forMember(`member ${n}`, work(`file ${n}`));
  void lanes.forResult(work("result 1"));
  void lanes.forResult(work("result 2"));
  expect(begun).toEqual(["file 1", "result 1"]);
  await endOne();
  expect(begun).toEqual(["file 1", "result 1", "result 2"]);
  await endOne();
  expect(begun).toEqual(["file 1", "result 1", "result 2", "file 2"]);
});

test("work that fails makes room for the next", async () => {
  const lanes = createLanes({ atOnce: 1, forMembers: 1 });
  const failing = lanes.forMember("a", () => Promise.reject(new Error("broke")));
  const next = lanes.forMember("a", async () => "next");
  await expect(failing).rejects.toThrow("broke");
  expect(await next).toBe("next");
});

test("ten large files of one member end after another's small one, and after a result", async () => {
  const decoders = createDecoders();
  onTestFinished(() => {
    for (const pid of decoders.pids()) process.kill(pid);
  });
  const directory = await temporaryDirectory();
  const lay = async (name: string, side: number) => {
    await writeFile(join(directory, name), await photo(side, side).jpeg().toBuffer());
    return (to: string) => ({ from: join(directory, name), to: join(directory, to) });
  };
  const [large, small] = [await lay("large", 700), await lay("small", 40)];
  const ended: string[] = [];
  const run = async (name: string, member: string | undefined, files: { from: string; to: string }) => {
    const task = member
      ? ({ work: "sanitise", kind: "jpeg", maxBytes: 50_000_000 } as const)
      : ({ work: "fit", kind: "jpeg", limit: { bytes: 5_000_000, formats: ["webp"] } } as const);
    expect(await decoders.run(task, files, 20_000, member)).toMatchObject({ done: true });
    ended.push(name);
  };
  await Promise.all([
    ...Array.from({ length: 10 }, (_, n) => run(`large ${n}`, "many", large(`many-${n}`))),
    run("small", "few", small("few")),
    run("result", undefined, small("result")),
  ]);
  // Their work takes turns as told above; which of several processes ends first is the machine's affair.
  expect(ended.indexOf("small")).toBeLessThan(ended.indexOf("large 9"));
  expect(ended.indexOf("result")).toBeLessThan(ended.indexOf("large 9"));
});
