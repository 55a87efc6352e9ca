import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSpool } from "../../../src/images/spool/spool.ts";
import { photo } from "../samples.ts";
import { openTestImages, temporaryDirectory } from "../test-images.ts";

const hour = 3_600_000;

async function put(directory: string, key: string, ageMs: number, bytes = "x"): Promise<void> {
  await writeFile(join(directory, key), bytes);
  const at = (Date.now() - ageMs) / 1000;
  await utimes(join(directory, key), at, at);
}

const names = async (directory: string) =>
  (
    await Promise.all(
      ["inputs", "results", "fitted", "scratch"].map(async (room) =>
        (await readdir(join(directory, room))).map((name) => `${room}/${name}`),
      ),
    )
  )
    .flat()
    .toSorted();

const a = `inputs/${"a".repeat(64)}`;
const b = `inputs/${"b".repeat(64)}`;

test("removes what nothing refers to, with its versions, when it is older than an hour", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  const versions = [`fitted/${a.replace("/", "_")}.0123-9-jpeg`, "fitted/results_gone-0.0123-9-jpeg"];
  const files = [
    a,
    b,
    "results/kept-0",
    "results/kept-complete",
    "results/gone-0",
    "results/gone-complete",
    ...versions,
  ];
  for (const file of files) await put(directory, file, hour + 60_000);
  await put(directory, "results/new-0", hour - 60_000);
  const swept = await spool.sweep({
    now: Date.now(),
    isReferred: async (asked) => new Set(asked.filter((file) => file === a || file.startsWith("results/kept"))),
  });
  const left = [a, versions[0], "results/kept-0", "results/kept-complete", "results/new-0"].toSorted();
  expect(await names(directory)).toEqual(left);
  expect(swept).toEqual({ files: 5, bytes: 5, removed: 4 });
  expect(await spool.size()).toEqual({ files: 5, bytes: 5 });
});

test("asks only about what is old, and about an image and its versions once", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await put(directory, "results/old-0", 2 * hour);
  await put(directory, "results/new-0", 0);
  for (const limit of [1, 2, 3]) await put(directory, `fitted/results_x_y-1.0123-${limit}-jpeg`, 2 * hour);
  const asked: (readonly string[])[] = [];
  await spool.sweep({
    now: Date.now(),
    async isReferred(files) {
      asked.push(files);
      return new Set(files);
    },
  });
  expect(asked).toEqual([["results/old-0"], ["results/x_y-1"]]);
});

test("removes parts and work of processes that died more than an hour ago, and no other", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await put(directory, "results/a1-0.host-1-1.part", 2 * hour);
  await put(directory, "results/a1-1.host-1-2.part", 0);
  for (const name of ["work-old", "work-new"]) {
    await mkdir(join(directory, "scratch", name));
    await writeFile(join(directory, "scratch", name, "raw"), "x");
  }
  const old = (Date.now() - 2 * hour) / 1000;
  await utimes(join(directory, "scratch", "work-old"), old, old);
  await spool.sweep({ now: Date.now(), isReferred: async () => new Set() });
  expect(await names(directory)).toEqual(["results/a1-1.host-1-2.part", "scratch/work-new"]);
});

test("leaves files alone that are none of its own", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  const strange = ["inputs/readme.txt", "results/photo.png", "fitted/x", "inputs/.lost"];
  for (const file of strange) await put(directory, file, 2 * hour);
  await spool.sweep({ now: Date.now(), isReferred: async () => new Set() });
  expect(await names(directory)).toEqual(strange.toSorted());
});

test("an image that is brought again while the sweep thinks about it stays", async () => {
  const { images, lay } = await openTestImages();
  const bytes = await photo().png().toBuffer();
  const stored = await images.take(await lay("cat.png", bytes));
  const path = images.pathOf(stored);
  await utimes(path, 1, 1);
  await images.sweep({
    now: Date.now(),
    async isReferred() {
      await images.take(await lay("again.png", bytes));
      return new Set();
    },
  });
  expect((await stat(path)).isFile()).toBe(true);
});

test("keeps everything when it cannot be told what is needed", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await put(directory, a, 2 * hour);
  const failing = spool.sweep({ now: Date.now(), isReferred: () => Promise.reject(new Error("the database is away")) });
  await expect(failing).rejects.toThrow("the database is away");
  expect(await names(directory)).toEqual([a]);
});

test("walks over many files in batches", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  for (let file = 0; file < 1_200; file += 1) await put(directory, `results/a${file}-0`, 2 * hour);
  const sizes: number[] = [];
  const swept = await spool.sweep({
    now: Date.now(),
    async isReferred(files) {
      sizes.push(files.length);
      return new Set(files.filter((file) => file.endsWith("7-0")));
    },
  });
  expect(sizes).toEqual([500, 500, 200]);
  expect(swept).toEqual({ files: 120, bytes: 120, removed: 1080 });
});

test("tells the size of the spool before it was ever swept", async () => {
  const directory = await temporaryDirectory();
  const spool = createSpool(directory);
  await put(directory, a, 0, "four");
  await put(directory, "results/a1-0", 0, "seven!!");
  expect(await spool.size()).toEqual({ files: 2, bytes: 11 });
});
