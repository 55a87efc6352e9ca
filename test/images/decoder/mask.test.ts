import sharp from "sharp";
import { expect, test } from "vitest";
import type { StoredImage } from "../../../src/image.ts";
import { colourAt, photo, pixels } from "../samples.ts";
import { openTestImages, refusalOf } from "../test-images.ts";

const first = { file: "x", sha256: "x", format: "png", bytes: 1, width: 60, height: 40 } satisfies StoredImage;
const allOpaque = { code: "mask-unusable", facts: { why: "all-opaque" } };
const noTransparency = { code: "mask-unusable", facts: { why: "no-transparency" } };

async function take(bytes: Buffer) {
  const { images, lay } = await openTestImages();
  const stored = await images.takeMask(await lay("mask.png", bytes), first);
  const path = images.pathOf(stored);
  const alphaAt = async (x: number, y: number) => (await colourAt(path, x, y))[3];
  return { stored, path, left: await alphaAt(3, 20), right: await alphaAt(57, 20) };
}

const refused = (bytes: Buffer) => refusalOf(take(bytes));

/** 255, 0, ... on the left half and what `right` says on the right. */
const halves = (left: number[], right: number[], width = 60, height = 40) =>
  pixels(width, height, (x) => (x < width / 2 ? left : right));

test("keeps the transparency of a mask that has some, and nothing of its colours", async () => {
  const { stored, path, left, right } = await take(await halves([9, 99, 199, 0], [200, 0, 0, 255]).png().toBuffer());
  expect([left, right]).toEqual([0, 255]);
  expect(await colourAt(path, 57, 20)).toEqual([0, 0, 0, 255]);
  expect(stored).toMatchObject({ format: "png", width: 60, height: 40, file: `inputs/${stored.sha256}` });
  expect(await sharp(path).metadata()).toMatchObject({
    format: "png",
    width: 60,
    height: 40,
    hasAlpha: true,
    depth: "uchar",
  });
});

test("keeps half transparency as it is", async () => {
  expect(await take(await halves([0, 0, 0, 90], [0, 0, 0, 255]).png().toBuffer())).toMatchObject({
    left: 90,
    right: 255,
  });
});

test("redraws the white of a mask in black and white", async () => {
  const mask = halves([255, 255, 255], [0, 0, 0]);
  expect(await take(await mask.clone().png().toBuffer())).toMatchObject({ left: 0, right: 255 });
  expect(await take(await mask.clone().jpeg({ quality: 60 }).toBuffer())).toMatchObject({ left: 0, right: 255 });
  expect(await take(await mask.clone().toColourspace("b-w").png().toBuffer())).toMatchObject({ left: 0, right: 255 });
});

test("reads an opaque mask in black and white so even when it has a transparency channel", async () => {
  const mask = halves([255, 255, 255, 255], [0, 0, 0, 255]);
  expect(await take(await mask.png().toBuffer())).toMatchObject({ left: 0, right: 255 });
});

test("reads 16 bits and WebP", async () => {
  const mask = halves([9, 9, 9, 0], [9, 9, 9, 255]);
  const deep = await mask.clone().toColourspace("rgb16").png().toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe("ushort");
  expect(await take(deep)).toMatchObject({ left: 0, right: 255 });
  expect(await take(await mask.clone().webp().toBuffer())).toMatchObject({ left: 0, right: 255 });
});

test("brings another size to the pixels of the first image without new shades", async () => {
  for (const [width, height] of [
    [600, 400],
    [6, 4],
    [50, 50],
  ] as const) {
    const { path, left, right } = await take(
      await halves([0, 0, 0, 0], [0, 0, 0, 255], width, height).png().toBuffer(),
    );
    expect([left, right]).toEqual([0, 255]);
    const alpha = await sharp(path).extractChannel("alpha").raw().toBuffer();
    expect([alpha.length, new Set(alpha)]).toEqual([60 * 40, new Set([0, 255])]);
  }
});

test("turns a mask the way it is looked at", async () => {
  const stored = await halves([255, 255, 255], [0, 0, 0]).withMetadata({ orientation: 3 }).jpeg().toBuffer();
  expect(await take(stored)).toMatchObject({ left: 255, right: 0 });
});

test("refuses a mask that is opaque everywhere", async () => {
  expect(await refused(await halves([200, 30, 30, 255], [0, 90, 0, 255]).png().toBuffer())).toEqual(allOpaque);
  expect(await refused(await halves([0, 0, 0, 255], [0, 0, 0, 255]).png().toBuffer())).toEqual(allOpaque);
  expect(await refused(await halves([255, 255, 255, 255], [255, 255, 255, 255]).png().toBuffer())).toEqual(allOpaque);
  expect(await refused(await halves([0, 0, 0], [0, 0, 0]).png().toBuffer())).toEqual(allOpaque);
});

test("refuses a mask without transparency that is not black and white", async () => {
  expect(await refused(await photo(60, 40).png().toBuffer())).toEqual(noTransparency);
  expect(await refused(await halves([255, 0, 0], [0, 255, 255]).png().toBuffer())).toEqual(noTransparency);
  expect(await refused(await halves([255, 255, 255], [255, 255, 255]).png().toBuffer())).toEqual(noTransparency);
  expect(await refused(await halves([128, 128, 128], [0, 0, 0]).png().toBuffer())).toEqual(noTransparency);
});

test("refuses what is no still image at all, as for any image", async () => {
  const whole = await halves([0, 0, 0, 0], [0, 0, 0, 255], 600, 400).png({ compressionLevel: 0 }).toBuffer();
  expect((await refused(whole.subarray(0, whole.length / 2))).code).toBe("image-unreadable");
  expect((await refused(Buffer.from("%PDF-1.7"))).code).toBe("image-format");
});
