import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { inspect } from "../../src/images/inspect.ts";
import { loadSharp } from "../../src/images/load-sharp.ts";
import { refusalOf, temporaryDirectory } from "./desk.ts";
import { animation, hollowPng, photo, withChunk } from "./samples.ts";

async function look(bytes: Uint8Array | string, maxBytes = 50_000_000) {
  const path = join(await temporaryDirectory(), "file");
  await writeFile(path, bytes);
  return inspect(path, "cat.png", maxBytes);
}

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';

test("knows PNG, JPEG and WebP by their bytes", async () => {
  for (const format of ["png", "jpeg", "webp"] as const) {
    const bytes = await photo(120, 80).toFormat(format).toBuffer();
    expect(await look(bytes)).toEqual({ format, width: 120, height: 80, bytes: bytes.length });
  }
});

test("measures a photograph as it is seen, not as it is stored", async () => {
  const bytes = await photo(120, 80).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await look(bytes)).toMatchObject({ width: 80, height: 120 });
});

test("does not believe a name: what is not PNG, JPEG or WebP inside is refused", async () => {
  const impostors = {
    svg,
    gif: await animation().gif().toBuffer(),
    tiff: await photo().tiff().toBuffer(),
    avif: await photo().avif({ effort: 0 }).toBuffer(),
    heic: Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0mif1heic")]),
    pdf: "%PDF-1.7\n1 0 obj\n",
    mp4: Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypisom\0\0\0\0")]),
    text: "not an image at all",
    html: "<!doctype html><title>Sign in</title>",
    empty: "",
    wave: Buffer.from("RIFF\x24\0\0\0WAVEfmt "),
    "PNG's first bytes only": "\x89PNG",
  };
  for (const [name, bytes] of Object.entries(impostors)) {
    expect.soft(await refusalOf(look(bytes)), name).toEqual({ code: "image-format", facts: { filename: "cat.png" } });
  }
});

test("cannot be led to another decoder, even by a file that passes for none of ours", async () => {
  const decoders = await loadSharp();
  for (const bytes of [Buffer.from(svg), await animation().gif().toBuffer(), await photo().tiff().toBuffer()]) {
    await expect(decoders(bytes).metadata()).rejects.toThrow("unsupported image format");
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

test("refuses animations: WebP by its pages, PNG by its acTL chunk", async () => {
  const frames = Buffer.from([0, 0, 0x13, 0x88, 0, 0, 0, 0]); // 5000 of them
  const png = await photo().png().toBuffer();
  const webp = await animation()
    .webp({ delay: [100, 100, 100] })
    .toBuffer();
  const farther = withChunk(withChunk(png, "acTL", frames), "zTXt", Buffer.alloc(200_000));
  for (const bytes of [webp, withChunk(png, "acTL", frames), farther]) {
    expect(await refusalOf(look(bytes))).toEqual({ code: "image-animated", facts: { filename: "cat.png" } });
  }
});

test("does not walk for ever over chunks that never come to an end", async () => {
  let png: Buffer = await photo().png().toBuffer();
  const endless = Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.from("\0\0\0\0tEXt\0\0\0\0", "latin1")));
  png = Buffer.concat([png.subarray(0, 33), endless, png.subarray(33)]);
  expect((await refusalOf(look(png))).code).toBe("image-animated");
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
  for (const bytes of [png.subarray(0, 20), "\x89PNG\r\n\x1a\nabcdefgh", webp.subarray(0, webp.length / 2)]) {
    const latin1 = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    expect(await refusalOf(look(latin1))).toEqual({ code: "image-unreadable", facts: { filename: "cat.png" } });
  }
});
