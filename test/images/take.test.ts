import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { colourAt, flawed, photo, pixels, redOverBlue, withChunk } from "./samples.ts";
import { openTestImages, refusalOf } from "./test-images.ts";

const cat = { filename: "cat.png" };

test("takes each format and keeps it", async () => {
  const { images, lay } = await openTestImages();
  for (const format of ["png", "jpeg", "webp"] as const) {
    const stored = await images.take(await lay("cat.png", await photo(120, 80).toFormat(format).toBuffer()));
    const bytes = await readFile(images.pathOf(stored));
    expect(stored).toMatchObject({ format, width: 120, height: 80, bytes: bytes.length });
    expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 120, height: 80 });
    expect(stored.file).toBe(`inputs/${stored.sha256}`);
    expect(await images.has(stored)).toBe(true);
  }
});

test("copies a local file and leaves the member's own as it was", async () => {
  const { images, lay } = await openTestImages();
  const bytes = await photo().png().toBuffer();
  const incoming = await lay("cat.png", bytes);
  await images.take(incoming);
  expect((await readFile(incoming.source.path)).equals(bytes)).toBe(true);
});

test("keeps the same image once, under the name of its bytes", async () => {
  const { images, lay, directory } = await openTestImages();
  const bytes = await photo().jpeg().toBuffer();
  const first = await images.take(await lay("one.jpg", bytes));
  const second = await images.take(await lay("two.jpg", bytes));
  expect(second).toEqual(first);
  expect(await readdir(join(directory, "inputs"))).toEqual([first.sha256]);
});

test("strips the place, the camera and every comment", async () => {
  const { images, lay } = await openTestImages();
  const exif = { IFD0: { Make: "SecretCamera", Copyright: "SecretName" }, IFD3: { GPSLatitude: "48/1 51/1 30/1" } };
  const xmp =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='SecretXmp'/></rdf:RDF></x:xmpmeta>";
  for (const format of ["png", "jpeg", "webp"] as const) {
    let bytes: Buffer = await photo().withExif(exif).withXmp(xmp).toFormat(format).toBuffer();
    if (format === "png") bytes = withChunk(bytes, "tEXt", Buffer.from("Comment\0SecretText"));
    expect((await sharp(bytes).metadata()).exif).toBeDefined();
    const stored = await images.take(await lay("cat.jpg", bytes));
    const clean = await readFile(images.pathOf(stored));
    expect.soft(clean.includes("Secret"), format).toBe(false);
    const { exif: left, xmp: leftXmp, iptc, comments } = await sharp(clean).metadata();
    expect.soft([left, leftXmp, iptc, comments], format).toEqual([undefined, undefined, undefined, undefined]);
  }
});

test("drops what is hidden behind the end of an image", async () => {
  const { images, lay } = await openTestImages();
  for (const format of ["png", "jpeg", "webp"] as const) {
    const polyglot = Buffer.concat([await photo().toFormat(format).toBuffer(), Buffer.from("PK\x03\x04<?php hidden")]);
    const stored = await images.take(await lay("cat.png", polyglot));
    expect.soft((await readFile(images.pathOf(stored))).includes("hidden"), format).toBe(false);
  }
});

test("turns a photograph the way it is looked at", async () => {
  const { images, lay } = await openTestImages();
  const upsideDown = await sharp(await redOverBlue(40, 20))
    .withMetadata({ orientation: 3 })
    .png()
    .toBuffer();
  const turned = await images.take(await lay("cat.png", upsideDown));
  expect(await colourAt(images.pathOf(turned), 5, 2)).toEqual([0, 0, 255]);
  const lying = await sharp(await redOverBlue(40, 20))
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const standing = await images.take(await lay("cat.png", lying));
  expect(standing).toMatchObject({ width: 20, height: 40 });
  expect(await colourAt(images.pathOf(standing), 18, 5)).toEqual([255, 0, 0]);
});

test("keeps transparency in PNG and WebP", async () => {
  const { images, lay } = await openTestImages();
  for (const format of ["png", "webp"] as const) {
    const half = pixels(20, 20, (x) => [200, 100, 50, x < 10 ? 0 : 255]);
    const stored = await images.take(await lay("cat.png", await half.toFormat(format).toBuffer()));
    expect.soft((await colourAt(images.pathOf(stored), 2, 10))[3], format).toBe(0);
    expect.soft((await colourAt(images.pathOf(stored), 17, 10))[3], format).toBe(255);
  }
});

test("keeps the colours that a profile means, without the profile", async () => {
  const { images, lay } = await openTestImages();
  const red = sharp({ create: { width: 8, height: 8, channels: 3, background: "#e03020" } });
  const bytes = await red.withIccProfile("p3").png().toBuffer();
  expect((await sharp(bytes, { ignoreIcc: true }).raw().toBuffer())[0]).not.toBe(0xe0); // other numbers for the same red
  const stored = await images.take(await lay("cat.png", bytes));
  const [r = 0, g = 0, b = 0] = await colourAt(images.pathOf(stored), 4, 4);
  expect([Math.abs(r - 0xe0) <= 2, Math.abs(g - 0x30) <= 2, Math.abs(b - 0x20) <= 2]).toEqual([true, true, true]);
  expect((await sharp(images.pathOf(stored)).metadata()).hasProfile).toBe(false);
});

test("brings CMYK, grey, 16 bits and palettes to plain sRGB", async () => {
  const { images, lay } = await openTestImages();
  const odd = {
    cmyk: photo().toColourspace("cmyk").jpeg(),
    grey: photo().toColourspace("b-w").png(),
    "16 bits": photo().toColourspace("rgb16").png(),
    palette: photo().png({ palette: true, colours: 16 }),
  };
  for (const [name, image] of Object.entries(odd)) {
    const stored = await images.take(await lay("cat", await image.toBuffer()));
    const { space, depth, channels, isPalette } = await sharp(images.pathOf(stored)).metadata();
    expect
      .soft({ space, depth, channels, isPalette }, name)
      .toEqual({ space: "srgb", depth: "uchar", channels: 3, isPalette: false });
  }
});

test("refuses pixels that cannot be decoded, though the header is fine", async () => {
  const { images, lay, directory } = await openTestImages();
  const jpeg = await photo(600, 400).jpeg().toBuffer();
  const png = await photo(600, 400).png().toBuffer();
  for (const bytes of [jpeg.subarray(0, jpeg.length / 2), png.subarray(0, png.length / 2), flawed(png)]) {
    expect(await refusalOf(images.take(await lay("cat.png", bytes)))).toEqual({ code: "image-unreadable", facts: cat });
  }
  expect(await readdir(join(directory, "inputs"))).toEqual([]);
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("refuses by the same rules as inspection, and keeps nothing", async () => {
  const { images, lay, directory } = await openTestImages();
  const svg = { code: "image-format", facts: { ...cat, format: "SVG" } };
  expect(await refusalOf(images.take(await lay("cat.png", "<svg/>")))).toEqual(svg);
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("refuses a file with more bytes than allowed", async () => {
  const { images, lay } = await openTestImages({ maxInputBytes: 2_000_000 });
  expect(await refusalOf(images.take(await lay("cat.png", Buffer.alloc(2_000_001))))).toEqual({
    code: "image-too-large",
    facts: { filename: "cat.png", limitMegabytes: 2 },
  });
});

test("makes a file smaller that would have too many bytes when it is written anew", async () => {
  const coarse = await photo(200, 200).jpeg({ quality: 10 }).toBuffer();
  const { images, lay } = await openTestImages({ maxInputBytes: coarse.length });
  const stored = await images.take(await lay("cat.png", coarse));
  expect(stored.format).toBe("jpeg");
  expect((await readFile(images.pathOf(stored))).length).toBeLessThanOrEqual(coarse.length);
});

test("keeps transparency in a file that it makes smaller", async () => {
  const noise = (x: number, y: number) => [(x * 7919 + y * 104729) % 256, (x * y) % 256, x % 256, x < 75 ? 0 : 255];
  const bytes = await pixels(150, 150, noise).webp({ quality: 5 }).toBuffer();
  const { images, lay } = await openTestImages({ maxInputBytes: bytes.length });
  const stored = await images.take(await lay("cat.webp", bytes));
  expect(stored.format).toBe("webp");
  expect((await colourAt(images.pathOf(stored), 2, 10))[3]).toBe(0);
});

test("turns a GIF of one frame into a PNG, and an AVIF into a JPEG, or a PNG when it is transparent", async () => {
  const { images, lay } = await openTestImages();
  const clear = pixels(40, 20, (x) => [200, 100, 50, x < 20 ? 0 : 255]);
  const given = [
    ["png", await photo(40, 20).gif().toBuffer()],
    ["jpeg", await photo(40, 20).avif({ effort: 0 }).toBuffer()],
    ["png", await clear.clone().avif({ effort: 0 }).toBuffer()],
  ] as const;
  for (const [format, bytes] of given) {
    const stored = await images.take(await lay("cat", bytes));
    expect(stored).toMatchObject({ format, width: 40, height: 20 });
    expect((await sharp(images.pathOf(stored)).metadata()).format).toBe(format);
  }
});

test("refuses a local file that is gone, or no file", async () => {
  const { images, directory } = await openTestImages();
  await mkdir(join(directory, "folder"));
  for (const path of [join(directory, "nothing"), join(directory, "folder"), "/dev/zero"]) {
    expect(await refusalOf(images.take({ filename: "cat.png", source: { path } }))).toEqual({
      code: "image-unreachable",
      facts: cat,
    });
  }
});

test("refuses when the disk would fill up", async () => {
  const { images, lay } = await openTestImages({ maxInputBytes: Number.MAX_SAFE_INTEGER / 4 });
  const incoming = await lay("cat.png", await photo().png().toBuffer());
  expect(await refusalOf(images.take(incoming))).toEqual({ code: "disk-full", facts: {} });
});

test("takes many at once, each right", async () => {
  const { images, lay } = await openTestImages();
  const widths = Array.from({ length: 12 }, (_, i) => 20 + i);
  const incoming = await Promise.all(widths.map(async (w) => lay(`${w}.png`, await photo(w, 20).png().toBuffer())));
  const stored = await Promise.all(incoming.map((one) => images.take(one)));
  expect(stored.map(({ width }) => width)).toEqual(widths);
});

test("says that a file is gone when it is", async () => {
  const { images } = await openTestImages();
  expect(await images.has({ file: `inputs/${"0".repeat(64)}` })).toBe(false);
  await expect(stat(images.pathOf({ file: `inputs/${"0".repeat(64)}` }))).rejects.toThrow("ENOENT");
});
