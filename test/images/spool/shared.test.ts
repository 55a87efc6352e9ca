import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ImagesOptions } from "../../../src/images/create-images.ts";
import type { FakeS3 } from "../../support/fake-s3.ts";
import { fakeS3, fakeS3Credentials } from "../../support/fake-s3.ts";
import { photo, pixels } from "../samples.ts";
import { openTestImages, type TestImages } from "../test-images.ts";

const patience = { waitMs: 10_000, firstPauseMs: 1, longestPauseMs: 20 };

async function storage(): Promise<FakeS3> {
  const s3 = await fakeS3();
  onTestFinished(() => s3.close());
  return s3;
}

/** A machine of its own, with an empty disk, that shares this storage. */
function machine({ endpoint }: FakeS3, options: Partial<ImagesOptions> = {}): Promise<TestImages> {
  const credentials = fakeS3Credentials;
  const shared = { bucket: "pictures", prefix: "bot/one", endpoint, region: "auto", credentials, timeoutMs: 2_000 };
  return openTestImages({ shared, sharedPatience: patience, ...options });
}

async function receive({ images }: TestImages, attempt: string, index: number, bytes: Uint8Array) {
  const sink = await images.openResult(attempt, index);
  await sink.write(bytes);
  await sink.commit();
}

const unsent = ({ directory }: TestImages) => readdir(join(directory, "unsent"));

test("an image that one machine received is found, byte for byte, by another", async () => {
  const s3 = await storage();
  const [one, other] = [await machine(s3), await machine(s3)];
  const sent = await Promise.all(
    [1, 2, 3].map((n) =>
      photo(100 * n, 80)
        .png()
        .toBuffer(),
    ),
  );
  for (const [index, bytes] of sent.entries()) await receive(one, "a1", index, bytes);
  await one.images.finish("a1");
  expect([...s3.objects.keys()].toSorted()).toEqual(
    ["0", "1", "2", "complete"].map((name) => `bot/one/results/a1-${name}`),
  );
  expect(await unsent(one)).toEqual([]);
  const found = await other.images.received("a1");
  expect(found).toEqual(await one.images.received("a1"));
  expect(found).toMatchObject({ complete: true, damaged: [] });
  for (const { index, image } of found.images) {
    expect((await readFile(other.images.pathOf(image))).equals(sent[index] ?? Buffer.alloc(0))).toBe(true);
  }
  const asked = s3.requests.length;
  expect(await other.images.received("a1")).toEqual(found);
  expect(s3.requests.length).toBe(asked); // all of it is here
});

test("images of an answer that was not read to its end survive the machine that read it", async () => {
  const s3 = await storage();
  const [one, other] = [await machine(s3), await machine(s3)];
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.received("a1"); // what is asked before a job moves on
  expect(s3.objects.size).toBe(1);
  expect(await other.images.received("a1")).toMatchObject({ complete: false, images: [{ index: 0 }] });
});

test("a reference and a mask that one machine took in are there for another, and fetched once", async () => {
  const s3 = await storage();
  const [one, other] = [await machine(s3), await machine(s3)];
  const stored = await one.images.take(await one.lay("cat.png", await photo(60, 40).png().toBuffer()));
  const halves = await pixels(60, 40, (x) => [0, 0, 0, x < 30 ? 0 : 255])
    .png()
    .toBuffer();
  const mask = await one.images.takeMask(await one.lay("mask.png", halves), stored);
  for (const image of [stored, mask]) {
    expect(await Promise.all([1, 2, 3].map(() => other.images.has(image)))).toEqual([true, true, true]);
    expect((await readFile(other.images.pathOf(image))).equals(await readFile(one.images.pathOf(image)))).toBe(true);
  }
  expect(s3.requests.filter((line) => line.startsWith("GET bot"))).toHaveLength(2);
});

test("an image that is nowhere is gone", async () => {
  const { images } = await machine(await storage());
  expect(await images.has({ file: `inputs/${"0".repeat(64)}` })).toBe(false);
  expect(await images.received("never")).toEqual({ complete: false, images: [], damaged: [] });
});

test("what a machine posts may have been received by another", async () => {
  const s3 = await storage();
  const [one, other] = [await machine(s3), await machine(s3)];
  await receive(one, "a1", 0, await photo(400, 300).png().toBuffer());
  await one.images.finish("a1");
  const [found] = (await one.images.received("a1")).images;
  if (!found) throw new Error("not received");
  const fitted = await other.images.fit(found.image, { bytes: 40_000, formats: ["jpeg"] });
  expect(fitted.bytes).toBeLessThanOrEqual(40_000);
});

test("a storage that fails for a while is tried again, and the job goes on when it has the images", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  s3.faults.push({ method: "PUT", fault: 500, times: 4 }, { method: "PUT", fault: 503, times: 2 });
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.finish("a1");
  expect([...s3.objects.keys()]).toEqual(["bot/one/results/a1-0", "bot/one/results/a1-complete"]);
  expect(one.log.lines.filter(({ level }) => level === "error")).not.toEqual([]);
  expect(JSON.stringify(one.log.lines)).not.toContain(fakeS3Credentials.secretAccessKey);
});

test("the word that an answer is whole is sent after all its images", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  s3.faults.push({ method: "PUT", key: "a1-0", fault: 500, times: 3 });
  for (const index of [0, 1, 2]) await receive(one, "a1", index, await photo().png().toBuffer());
  await one.images.finish("a1");
  expect([...s3.objects.keys()].at(-1)).toBe("bot/one/results/a1-complete");
  expect(s3.objects.size).toBe(4);
});

test("a storage that stays away fails no job: the images stay here, and are sent by the next process", async () => {
  const s3 = await storage();
  const away = { method: "PUT", fault: 500, times: Number.POSITIVE_INFINITY };
  s3.faults.push(away);
  const one = await machine(s3, { sharedPatience: { waitMs: 50, firstPauseMs: 30_000, longestPauseMs: 30_000 } });
  const reference = await one.images.take(await one.lay("cat.png", await photo().png().toBuffer()));
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.finish("a1");
  expect(await one.images.received("a1")).toMatchObject({ complete: true, images: [{ index: 0 }] });
  expect(await one.images.has(reference)).toBe(true);
  expect(s3.objects.size).toBe(0);
  expect(await unsent(one)).toHaveLength(3);
  away.times = 0;
  const next = await machine(s3, { directory: one.directory });
  await next.images.sweep({ now: 0, isReferred: async (files) => new Set(files) });
  await expect.poll(() => unsent(one)).toEqual([]);
  expect([...s3.objects.keys()].toSorted()).toEqual(
    [reference.file, "results/a1-0", "results/a1-complete"].map((key) => `bot/one/${key}`),
  );
  const other = await machine(s3);
  expect(await other.images.received("a1")).toMatchObject({ complete: true, images: [{ index: 0 }] });
});

test("a storage that cannot be asked is not taken for one that has nothing", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  s3.faults.push({ fault: 500, times: Number.POSITIVE_INFINITY });
  await expect(one.images.has({ file: "results/a1-0" })).rejects.toThrow();
  await expect(one.images.received("a1")).rejects.toThrow();
  await expect(one.images.check()).rejects.toThrow();
});

test("other bytes than were stored are not taken", async () => {
  const s3 = await storage();
  const [one, other] = [await machine(s3), await machine(s3)];
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.finish("a1");
  s3.faults.push({ method: "GET", key: "a1-0", fault: "corrupt", times: 1 });
  await expect(other.images.has({ file: "results/a1-0" })).rejects.toThrow("other bytes");
  expect(existsSync(other.images.pathOf({ file: "results/a1-0" }))).toBe(false);
  expect(await other.images.has({ file: "results/a1-0" })).toBe(true);
});

test("a storage that never answers is given up on after a while, and asked again", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  s3.faults.push({ method: "PUT", fault: "hang", times: 1 });
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.finish("a1");
  expect(s3.objects.size).toBe(2);
});

test("what is asked of a storage that takes questions and says nothing fails in seconds", {
  timeout: 20_000,
}, async () => {
  const s3 = await storage();
  const one = await machine(s3);
  await receive(one, "a1", 0, await photo().png().toBuffer());
  await one.images.finish("a1");
  s3.faults.push({ method: "GET", fault: "hang", times: 20 });
  const shared = { bucket: "pictures", prefix: "bot/one", endpoint: s3.endpoint, region: "auto", answerMs: 100 };
  const other = await machine(s3, { shared: { ...shared, credentials: fakeS3Credentials } });
  await expect(other.images.received("a1")).rejects.toThrow();
  await expect(other.images.has({ file: "results/a1-0" })).rejects.toThrow();
  s3.faults.length = 0;
  expect(await other.images.has({ file: "results/a1-0" })).toBe(true);
});

test("sweeping removes what nothing refers to from the storage too, and only when it is old", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  const bytes = await photo().png().toBuffer();
  for (const attempt of ["needed", "useless", "young"]) {
    await receive(one, attempt, 0, bytes);
    await one.images.finish(attempt);
  }
  const now = Date.now();
  const old = [...s3.objects.keys()].filter((key) => !key.includes("young"));
  for (const key of old) s3.age(key, now - 3_700_000);
  const asked: string[] = [];
  await one.images.sweep({
    now,
    async isReferred(files) {
      asked.push(...files);
      return new Set(files.filter((file) => file.includes("needed")));
    },
  });
  expect(asked.toSorted()).toEqual(old.map((key) => key.slice("bot/one/".length)).toSorted());
  expect([...s3.objects.keys()].toSorted()).toEqual(
    ["needed-0", "needed-complete", "young-0", "young-complete"].map((name) => `bot/one/results/${name}`),
  );
});

test("a file that was deleted before it could be sent is forgotten", async () => {
  const s3 = await storage();
  s3.faults.push({ method: "PUT", fault: 500, times: 2 });
  const one = await machine(s3, { sharedPatience: { waitMs: 1, firstPauseMs: 30_000, longestPauseMs: 30_000 } });
  const stored = await one.images.take(await one.lay("cat.png", await photo().png().toBuffer()));
  await rm(one.images.pathOf(stored));
  const next = await machine(s3, { directory: one.directory });
  await next.images.sweep({ now: 0, isReferred: async (files) => new Set(files) });
  await expect.poll(() => unsent(one)).toEqual([]);
  expect(s3.objects.size).toBe(0);
});

test("loads the storage's library only when it is used", async () => {
  const { directory } = await openTestImages();
  const program = `
    const { registerHooks } = await import("node:module");
    const resolve = (name, context, next) => {
      if (name === "@aws-sdk/client-s3") console.log("loaded");
      return next(name, context);
    };
    registerHooks({ resolve });
    const { createImages } = await import("./src/images/create-images.ts");
    const shared = { bucket: "b", prefix: "", region: "auto", endpoint: "http://127.0.0.1:1" };
    const images = createImages({ directory: process.argv[1], trustedOrigins: [], log: {}, shared });
    console.log("ready");
    await images.has({ file: "results/a1-0" }).catch(() => undefined);
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, directory], {
    encoding: "utf8",
    timeout: 15_000,
  });
  expect(stdout).toBe("ready\nloaded\n");
});

test("a refused file is removed from the storage too, and comes back when another order turns out to need it", async () => {
  const s3 = await storage();
  const one = await machine(s3);
  const stored = await one.images.take(await one.lay("cat.png", await photo().png().toBuffer()));
  const keys = () => [...s3.objects.keys()];
  expect(keys()).toEqual([`bot/one/${stored.file}`]);
  let asked = 0;
  await one.images.discard(stored, async () => ++asked > 1);
  await expect.poll(keys).toEqual([`bot/one/${stored.file}`]);
  expect(await one.images.has(stored)).toBe(true);
  await one.images.discard(stored, async () => false);
  expect(keys()).toEqual([]);
  expect(await one.images.has(stored)).toBe(false);
});
