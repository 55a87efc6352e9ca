import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSpool, type Spool } from "../../../src/images/spool/spool.ts";
import { temporaryDirectory } from "../test-images.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("writes every chunk in order, whatever its size, and lets the caller reuse it", async () => {
  const spool = createSpool(await temporaryDirectory());
  const sink = await spool.openResult("a1", 0);
  const sizes = [1, 65_536, 1_048_575, 1, 0, 1_048_576, 3_000_000, 17];
  const expected: Buffer[] = [];
  const shared = Buffer.alloc(Math.max(...sizes));
  for (const [at, size] of sizes.entries()) {
    shared.fill(at + 1);
    expected.push(Buffer.from(shared.subarray(0, size)));
    await sink.write(shared.subarray(0, size));
    shared.fill(0xee);
  }
  await sink.commit();
  const written = await readFile(spool.pathOf("results/a1-0"));
  expect(written.equals(Buffer.concat(expected))).toBe(true);
  expect(await spool.hashOf("results/a1-0")).toBe(sha256(written));
  expect(await spool.hashOf("results/a1-0")).toBe(sha256(written)); // the second time it is read from the disk
});

test("shows nothing of an image before it is committed", async () => {
  const spool = createSpool(await temporaryDirectory());
  const sink = await spool.openResult("a1", 0);
  await sink.write(Buffer.alloc(2_000_000));
  expect((await spool.arrived("a1")).indices).toEqual([]);
  await sink.commit();
  expect((await spool.arrived("a1")).indices).toEqual([0]);
});

test("commits once, however often it is asked", async () => {
  const spool = createSpool(await temporaryDirectory());
  const sink = await spool.openResult("a1", 3);
  await sink.write(Buffer.from("image"));
  await Promise.all([sink.commit(), sink.commit()]);
  await sink.commit();
  await sink.discard();
  expect(await readFile(spool.pathOf("results/a1-3"), "utf8")).toBe("image");
});

test("leaves nothing of an image that is discarded, and takes no more of it", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  const sink = await spool.openResult("a1", 0);
  await sink.write(Buffer.alloc(1_500_000));
  await sink.discard();
  await sink.discard();
  expect(await readdir(join(directory, "results"))).toEqual([]);
  await expect(sink.write(Buffer.from("more"))).rejects.toThrow("closed");
  await expect(sink.commit()).rejects.toThrow("discarded");
});

/** The names of the parts that the next sinks of image a1-0 will write, first to last. */
async function partsFrom(spool: Spool, directory: string): Promise<(sinks: number) => string> {
  const sink = await spool.openResult("a1", 0);
  const [name = ""] = await readdir(join(directory, "results"));
  await sink.discard();
  const number = Number(/-(\d+)\.part$/.exec(name)?.[1]);
  return (sinks) => `results/${name.replace(/\d+\.part$/, `${number + 1 + sinks}.part`)}`;
}

test.runIf(existsSync("/dev/full"))("says that the disk is full, and keeps nothing of the image", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  const nextPart = await partsFrom(spool, directory);
  for (const [sinks, bytes] of [10, 2_000_000].entries()) {
    await symlink("/dev/full", join(directory, nextPart(sinks)));
    const sink = await spool.openResult("a1", 0);
    const arriving = sink.write(Buffer.alloc(bytes)).then(() => sink.commit());
    await expect(arriving).rejects.toMatchObject({ code: "ENOSPC" });
    await sink.discard();
    expect(await readdir(join(directory, "results"))).toEqual([]);
  }
});

test("leaves a second try alone when the first is discarded late", async () => {
  const spool = createSpool(await temporaryDirectory());
  const [discarded, committed] = [await spool.openResult("a1", 0), await spool.openResult("a1", 1)];
  await discarded.discard();
  await committed.commit();
  for (const [index, first] of [discarded, committed].entries()) {
    const second = await spool.openResult("a1", index);
    await first.discard();
    await second.write(Buffer.from("second"));
    await second.commit();
    expect(await readFile(spool.pathOf(`results/a1-${index}`), "utf8")).toBe("second");
  }
});

test("begins anew over what a dead process left", async () => {
  const directory = await temporaryDirectory();
  const dead = await createSpool(directory).openResult("a1", 0);
  await dead.write(Buffer.alloc(3_000_000, "x"));
  const spool = createSpool(directory);
  const sink = await spool.openResult("a1", 0);
  await sink.write(Buffer.from("anew"));
  await sink.commit();
  expect(await readFile(spool.pathOf("results/a1-0"), "utf8")).toBe("anew");
});

test("tells the results of one attempt from those of another whose id is longer", async () => {
  const spool = createSpool(await temporaryDirectory());
  for (const [attempt, index] of [
    ["a", 1],
    ["a-1", 2],
    ["a", 10],
  ] as const) {
    await (await spool.openResult(attempt, index)).commit();
  }
  await spool.finish("a-1");
  expect(await spool.arrived("a")).toEqual({ complete: false, indices: [1, 10] });
  expect(await spool.arrived("a-1")).toEqual({ complete: true, indices: [2] });
});

test("remembers over a restart that an answer was read to its end", async () => {
  const directory = await temporaryDirectory();
  await createSpool(directory).finish("a1");
  await createSpool(directory).finish("a1");
  expect((await createSpool(directory).arrived("a1")).complete).toBe(true);
});

test.each([
  "",
  "results/a1",
  "results/a1-0.part",
  "results/../inputs/x-0",
  "results/a/b-0",
  "../results/a1-0",
  "/etc/passwd",
  "inputs/ABC",
  `inputs/${"a".repeat(64)}/..`,
  `inputs/${"a".repeat(63)}`,
  "results/a1-0\n",
  "results/a1-0\0",
])("makes no path of %j", async (key) => {
  const spool = createSpool(await temporaryDirectory());
  expect(() => spool.pathOf(key)).toThrow("Not a key");
});

test.each(["", "../a", "a/b", "a.b", "a b", "a".repeat(65), "ä"])(
  "opens nothing for the attempt %j",
  async (attempt) => {
    const spool = createSpool(await temporaryDirectory());
    await expect(spool.openResult(attempt, 0)).rejects.toThrow("Not an attempt");
  },
);

test.each([-1, 0.5, 32, Number.NaN])("opens nothing for the index %s", async (index) => {
  const spool = createSpool(await temporaryDirectory());
  await expect(spool.openResult("a1", index)).rejects.toThrow("Not an index");
});

test("is open to this user only", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await (await spool.openResult("a1", 0)).commit();
  expect((await stat(join(directory, "results"))).mode & 0o077).toBe(0);
  expect((await stat(spool.pathOf("results/a1-0"))).mode & 0o077).toBe(0);
});

test("keeps a reserve when it is asked for room", async () => {
  const spool = createSpool(await temporaryDirectory());
  expect(await spool.hasSpaceFor(1)).toBe(true);
  expect(await spool.hasSpaceFor(Number.MAX_SAFE_INTEGER)).toBe(false);
});

test("clears the desk after work, done or failed", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await spool.withScratch(async (path) => expect((await stat(path)).isDirectory()).toBe(true));
  await expect(spool.withScratch(() => Promise.reject(new Error("on purpose")))).rejects.toThrow("on purpose");
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("lets two writers of one image not disturb each other: the last to commit stays", async () => {
  const spool = createSpool(await temporaryDirectory());
  const [first, second] = [await spool.openResult("a1", 0), await spool.openResult("a1", 0)];
  await first.write(Buffer.from("the first writer's image"));
  await second.write(Buffer.from("second"));
  await first.commit();
  await second.commit();
  expect(await readFile(spool.pathOf("results/a1-0"), "utf8")).toBe("second");
});
