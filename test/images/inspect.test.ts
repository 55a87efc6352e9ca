import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { examine, inspect } from "../../src/images/inspect.ts";
import { animation, hollowPng, photo, pixels, withChunk } from "./samples.ts";
import { refusalOf, temporaryDirectory } from "./test-images.ts";

async function look(bytes: Uint8Array | string, maxBytes = 50_000_000) {
  const path = join(await temporaryDirectory(), "file");
  await writeFile(path, bytes);
  return inspect(path, { filename: "cat.png", maxBytes });
}

async function animated(bytes: Uint8Array): Promise<boolean> {
  const path = join(await temporaryDirectory(), "file");
  await writeFile(path, bytes);
  return (await examine(path, { filename: "cat.png", maxBytes: 50_000_000 })).animated;
}

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';

test("knows PNG, JPEG and WebP by their bytes", async () => {
  for (const format of ["png", "jpeg", "webp"] as const) {
    const bytes = await photo(120, 80).toFormat(format).toBuffer();
    expect(await look(bytes)).toEqual({ format, width: 120, height: 80, bytes: bytes.length });
  }
});

test("measures pixels as they are stored: JPEG in its variants, WebP with and without loss, transparent or not", async () => {
  const variants = {
    progressive: photo(121, 83).jpeg({ progressive: true }),
    "with a profile": photo(121, 83).withIccProfile("p3").jpeg(),
    turned: photo(121, 83).withMetadata({ orientation: 6 }).jpeg(),
    lossless: photo(121, 83).webp({ lossless: true }),
    transparent: pixels(121, 83, (x) => [9, 9, 9, x]).webp(),
    "with EXIF": photo(121, 83).withMetadata({ orientation: 1 }).webp(),
    interlaced: photo(121, 83).png({ progressive: true }),
  };
  for (const [name, image] of Object.entries(variants)) {
    expect.soft(await look(await image.toBuffer()), name).toMatchObject({ width: 121, height: 83 });
  }
});

test("does not believe a name: what is not PNG, JPEG or WebP inside is refused", async () => {
  const box = (brand: string) => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}\0\0\0\0mif1`)]);
  const impostors: [string | undefined, Uint8Array | string][] = [
    ["SVG", svg],
    ["SVG", `<?xml version="1.0"?>\n${svg}`],
    ["TIFF", await photo().tiff().toBuffer()],
    ["HEIC", box("heic")],
    ["AVIF", box("avis")],
    ["PDF", "%PDF-1.7\n1 0 obj\n"],
    ["MP4", box("isom")],
    ["QuickTime", box("qt  ")],
    ["video", box("3gp4")],
    ["BMP", "BM\x36\x10"],
    [undefined, "not an image at all"],
    ["HTML", "<!doctype html><title>Sign in</title>"],
    ["WebM", Buffer.from("\x1aE\xdf\xa3webm", "latin1")],
    ["AVI", Buffer.from("RIFF\x24\0\0\0AVI LIST", "latin1")],
    ["ZIP", "PK\x03\x04[Content_Types].xml"],
    ["SVG", Buffer.from(`\ufeff${svg}`, "utf16le")],
    [undefined, ""],
    ["WAV", Buffer.from("RIFF\x24\0\0\0WAVEfmt ")],
    [undefined, "\x89PNG"],
  ];
  for (const [format, bytes] of impostors) {
    const facts = { filename: "cat.png", ...(format === undefined ? {} : { format }) };
    expect.soft(await refusalOf(look(bytes)), format).toEqual({ code: "image-format", facts });
  }
});

test.each([
  [60_000, 60_000],
  [12_000, 12_000],
  [6_000, 5_501],
  [33_000_001, 1],
])("refuses a PNG of %i x %i from its header, before any pixel is decoded", async (width, height) => {
  expect(await refusalOf(look(hollowPng(width, height)))).toEqual({
    code: "image-too-many-pixels",
    facts: { filename: "cat.png", limitMegapixels: 33 },
  });
});

test("takes a header of exactly 33 megapixels", async () => {
  expect(await look(hollowPng(6_000, 5_500))).toMatchObject({ width: 6_000, height: 5_500 });
});

test("knows animations: WebP by its frames, PNG by the number in its acTL chunk", async () => {
  const actl = (frames: number) => withChunk(png, "acTL", Buffer.from([0, 0, 0, frames, 0, 0, 0, 0]));
  const png = await photo().png().toBuffer();
  const webp = await animation()
    .webp({ delay: [100, 100, 100] })
    .toBuffer();
  const one = await sharp(Buffer.alloc(300), { raw: { width: 10, height: 10, channels: 3, pageHeight: 10 } })
    .webp({ delay: [100] })
    .toBuffer();
  const farther = withChunk(actl(2), "zTXt", Buffer.alloc(200_000));
  for (const bytes of [webp, actl(2), farther]) expect(await animated(bytes)).toBe(true);
  for (const bytes of [one, png, actl(1)]) expect(await animated(bytes)).toBe(false);
});

test("does not walk for ever over chunks that never come to an end", async () => {
  let png: Buffer = await photo().png().toBuffer();
  const endless = Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.from("\0\0\0\0tEXt\0\0\0\0", "latin1")));
  png = Buffer.concat([png.subarray(0, 33), endless, png.subarray(33)]);
  expect((await refusalOf(look(png))).code).toBe("image-unreadable");
});

test("refuses too many bytes", async () => {
  const bytes = await photo().png().toBuffer();
  expect(await look(bytes, bytes.length)).toMatchObject({ format: "png" });
  expect(await refusalOf(look(Buffer.alloc(3_000_001), 3_000_000))).toEqual({
    code: "image-too-large",
    facts: { filename: "cat.png", limitMegabytes: 3 },
  });
});

test("refuses a header that is damaged", async () => {
  const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const webp = await photo(400, 400).webp().toBuffer();
  const changed = Buffer.from(png);
  changed.writeUInt32BE(10, 16); // the checksum is that of another width
  for (const bytes of [changed, png.subarray(0, 20), "\x89PNG\r\n\x1a\nabcdefgh", webp.subarray(0, webp.length / 2)]) {
    const latin1 = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    expect(await refusalOf(look(latin1))).toEqual({ code: "image-unreadable", facts: { filename: "cat.png" } });
  }
});
