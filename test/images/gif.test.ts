import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { StoredImage } from "../../src/image.ts";
import { fileFormats } from "../../src/image.ts";
import { animation, photo } from "./samples.ts";
import type { TestImages } from "./test-images.ts";
import { openTestImages } from "./test-images.ts";

const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>';

async function put({ images }: TestImages, bytes: Uint8Array | string, index = 0) {
  const sink = await images.openResult("a1", index);
  await sink.write(Buffer.from(bytes));
  await sink.commit();
}

async function received(room: TestImages): Promise<StoredImage> {
  const [found] = (await room.images.received("a1")).images;
  return found?.image ?? expect.fail("no image");
}

/** Frames so different from each other that a limit of some kilobytes is too small for them. */
function largeAnimation() {
  const frames = Uint8Array.from(
    { length: 200 * 600 * 3 },
    (_, i) => (Math.imul(i ^ (i >>> 7), 2_654_435_761) >>> 20) & 255,
  );
  return sharp(frames, { raw: { width: 200, height: 600, channels: 3, pageHeight: 200 } });
}

test("a GIF arrives as it is, and is handed out byte for byte where it fits", async () => {
  const room = await openTestImages();
  const bytes = await animation().gif().toBuffer();
  await put(room, bytes);
  const image = await received(room);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(image).toMatchObject({ format: "gif", width: 10, height: 10, bytes: bytes.length, sha256 });
  const fitted = await room.images.fit(image, { bytes: bytes.length, formats: fileFormats });
  expect(fitted).toEqual({ path: room.images.pathOf(image), format: "gif", bytes: bytes.length, changed: false });
  expect((await readFile(fitted.path)).equals(bytes)).toBe(true);
});

test.each(["gif", "webp"] as const)(
  "a %s animation that cannot be taken is its first frame, and says so each time",
  async (format) => {
    const room = await openTestImages();
    const bytes = await largeAnimation().toFormat(format, { lossless: true }).toBuffer();
    await put(room, bytes);
    const image = await received(room);
    const limit = { bytes: 40_000, formats: fileFormats };
    expect(bytes.length).toBeGreaterThan(limit.bytes);
    for (const _ of [1, 2]) {
      const fitted = await room.images.fit(image, limit);
      expect(fitted).toMatchObject({ format: "jpeg", changed: true, firstFrame: true });
      expect(await sharp(fitted.path).metadata()).toMatchObject({ width: 200, height: 200 });
    }
  },
);

test("a GIF that stands still says nothing of frames", async () => {
  const room = await openTestImages();
  await put(room, await photo(300, 200).gif().toBuffer());
  const fitted = await room.images.fit(await received(room), { bytes: 1_000_000, formats: ["png"] });
  expect(fitted).toMatchObject({ format: "png", changed: true });
  expect(fitted).not.toHaveProperty("firstFrame");
});

test("a GIF that was cut off is damaged, wherever the cut is", async () => {
  const bytes = await largeAnimation().gif().toBuffer();
  for (const length of [6, 12, 700, bytes.length - 1]) {
    const room = await openTestImages();
    await put(room, bytes.subarray(0, length));
    expect(await room.images.received("a1"), `${length}`).toMatchObject({ images: [], damaged: [0] });
  }
});

test.each([
  ["SVG", svg],
  ["HTML", "<!doctype html><title>Not here</title>"],
  ["PDF", "%PDF-1.7 and more"],
  ["MP4", Buffer.from("\0\0\0\x14ftypisom\0\0\0\0isom", "latin1")],
])("%s in the place of an image is named, and kept as it came", async (foreignFormat, bytes) => {
  const room = await openTestImages();
  await put(room, await photo().png().toBuffer());
  await put(room, bytes, 1);
  const found = await room.images.received("a1");
  expect(found).toMatchObject({ images: [{ index: 0 }], damaged: [1], foreignFormat });
  expect(await readFile(room.images.pathOf({ file: "results/a1-1" }))).toEqual(Buffer.from(bytes));
});
