import { readFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { animation, colourAt, hollowPng, photo, withChunk } from "./samples.ts";
import { openTestImages, refusalOf } from "./test-images.ts";

/** Files as phones, browsers and editors make them; what they are is decided by their bytes. */
const fixture = (name: string) => readFile(path.resolve("test/fixtures/images", name));

/** The first four bytes of the box, then its brands. */
const brands = (major: string, ...compatible: string[]) => {
  const text = `ftyp${major}\0\0\0\0${compatible.join("")}`;
  return Buffer.concat([Buffer.from([0, 0, 0, text.length + 4]), Buffer.from(text)]);
};

test.each([
  ["mif1.avif", "an AVIF that is mif1 first of all", "jpeg"],
  ["one-frame.png", "a PNG that says it is an animation of one frame", "png"],
  ["no-eoi.jpg", "a JPEG without its last two bytes", "jpeg"],
  ["plain.heic", "a HEIC", "jpeg"],
  ["clear.heic", "a HEIC that is transparent in part", "png"],
])("takes %s, %s", async (name, _what, format) => {
  const { images, lay } = await openTestImages();
  const stored = await images.take(await lay("photo", await fixture(name)));
  const { format: made, width, height } = await sharp(images.pathOf(stored)).metadata();
  expect(stored).toMatchObject({ format, width, height });
  expect(stored.firstFrame).toBeUndefined();
  expect(made).toBe(format);
});

test("decodes a HEIC to its own colours, and keeps its transparency", async () => {
  const { images, lay } = await openTestImages();
  const plain = await images.take(await lay("IMG_0001.HEIC", await fixture("plain.heic")));
  const [red = 0, , blue = 0] = await colourAt(images.pathOf(plain), 32, 5);
  expect(red).toBeGreaterThan(200);
  expect(blue).toBeLessThan(60);
  const clear = await images.take(await lay("IMG_0002.HEIC", await fixture("clear.heic")));
  expect((await colourAt(images.pathOf(clear), 5, 24))[3]).toBe(0);
  expect((await colourAt(images.pathOf(clear), 60, 24))[3]).toBe(255);
});

test("takes a mask that is a HEIC, as it takes any", async () => {
  const { images, lay } = await openTestImages();
  const first = await images.take(await lay("plain.heic", await fixture("plain.heic")));
  const mask = await images.takeMask(await lay("mask.heic", await fixture("clear.heic")), first);
  expect((await colourAt(images.pathOf(mask), 5, 24))[3]).toBe(0);
});

test.each([
  ["HEIC", "heic cut off", async () => (await fixture("plain.heic")).subarray(0, 500)],
  ["HEIC", "only brands", async () => brands("heic", "mif1")],
  ["HEIC", "a HEIC sequence of nothing", async () => brands("msf1", "hevc")],
  ["AVIF", "only brands", async () => brands("mif1", "avif", "miaf")],
  ["AVIF", "an AVIF sequence of nothing", async () => brands("avis", "msf1")],
  ["JPEG", "half a photograph", async () => (await photo(600, 400).jpeg().toBuffer()).subarray(0, 5_000)],
])("refuses a damaged %s by name: %s", async (_format, _what, bytes) => {
  const { images, lay } = await openTestImages();
  const { code, facts } = await refusalOf(images.take(await lay("photo.jpg", await bytes())));
  expect({ code, facts }).toEqual({ code: "image-unreadable", facts: { filename: "photo.jpg" } });
});

test.each([
  ["MP4", brands("isom", "mp42")],
  ["video", brands("3gp4")],
  ["QuickTime", brands("qt  ")],
  ["PDF", Buffer.from("%PDF-1.7\n")],
  ["TIFF", Buffer.from("II*\0\x08\0\0\0")],
  ["BMP", Buffer.from("BM\x36\x10\0\0")],
  ["SVG", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")],
])("says that a %s is none, whatever it is called", async (format, bytes) => {
  const { images, lay } = await openTestImages();
  expect(await refusalOf(images.take(await lay("holiday.png", bytes)))).toEqual({
    code: "image-format",
    facts: { filename: "holiday.png", format },
  });
});

test("takes the first frame of an animation, and says so", async () => {
  const { images, lay } = await openTestImages();
  const delay = [100, 100, 100];
  const still = await photo(10, 10).png().toBuffer();
  const animations: readonly [string, Buffer][] = [
    ["gif", await animation().gif().toBuffer()],
    ["webp", await animation().webp({ delay }).toBuffer()],
    ["apng", withChunk(still, "acTL", Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]))],
  ];
  for (const [name, bytes] of animations) {
    const stored = await images.take(await lay(name, bytes));
    expect.soft(stored, name).toMatchObject({ width: 10, height: 10, firstFrame: true });
    expect.soft((await sharp(images.pathOf(stored)).metadata()).pages ?? 1, name).toBe(1);
  }
});

test("shrinks a photograph of 50 megapixels and a panorama while it decodes them", async () => {
  const { images, lay } = await openTestImages();
  const large = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: "#48a" } })
      .jpeg({ quality: 60 })
      .toBuffer();
  for (const [width, height] of [
    [8_160, 6_120],
    [16_000, 3_200],
  ] as const) {
    const stored = await images.take(await lay("photo.jpg", await large(width, height)));
    expect(stored.width * stored.height).toBeLessThanOrEqual(33_000_000);
    expect(stored.width * stored.height).toBeGreaterThan(8_000_000);
    expect(stored.width / stored.height).toBeCloseTo(width / height, 2);
  }
});

test("refuses what is too large even for that, from its header", async () => {
  const { images, lay } = await openTestImages();
  expect(await refusalOf(images.take(await lay("bomb.png", hollowPng(20_000, 10_001))))).toEqual({
    code: "image-too-many-pixels",
    facts: { filename: "bomb.png", limitMegapixels: 200 },
  });
});
