import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { decoders } from "../../../src/images/decoder/decoders.ts";
import { gif, hollowJpeg, hollowWebp, manyFrames, mutated, profileBomb } from "../hostile.ts";
import { hollowPng, photo, pixels, withChunk } from "../samples.ts";
import { openTestImages } from "../test-images.ts";

async function outcomes(files: Readonly<Record<string, Uint8Array | string>>) {
  const { images, lay } = await openTestImages();
  const found: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(files)) {
    found[name] = await images.take(await lay("cat.png", bytes)).then(
      ({ format }) => format,
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );
  }
  return found;
}

test("files that claim more pixels than anybody needs are refused from their header, and no decoder is started", async () => {
  const before = decoders.pids();
  const files = {
    "a PNG header of 20,000 x 10,001": hollowPng(20_000, 10_001),
    "a PNG header of 60,000 x 60,000": hollowPng(60_000, 60_000),
    "a PNG header of 4,294,967,295 x 1": hollowPng(4_294_967_295, 1),
    "a JPEG header of 60,000 x 60,000": await hollowJpeg(60_000),
    "a WebP header of 16,384 x 16,384": hollowWebp(16_384),
    "a WebP header of 16,777,216 x 16,777,216": hollowWebp(16_777_216),
  };
  const found = await outcomes(files);
  expect(new Set(Object.values(found)), JSON.stringify(found)).toEqual(new Set(["image-too-many-pixels"]));
  expect(decoders.pids()).toEqual(before);
});

test("of animations of thousands of frames the first is taken; large canvases of GIFs are refused", async () => {
  const png = await photo().png().toBuffer();
  const frames = Buffer.from([0, 0, 0x13, 0x88, 0, 0, 0, 0]);
  const files = {
    "a WebP of 5,000 frames that are none": manyFrames(5_000),
    "an APNG of 5,000 frames": withChunk(png, "acTL", frames),
    "a GIF of 5,000 frames": gif(5_000),
    "a GIF of 60,000 x 60,000": gif(1, 60_000),
    "a GIF of one pixel": gif(1),
  };
  expect(await outcomes(files)).toEqual({
    "a WebP of 5,000 frames that are none": "image-unreadable",
    "an APNG of 5,000 frames": "png",
    "a GIF of 5,000 frames": "png",
    "a GIF of 60,000 x 60,000": "image-too-many-pixels",
    "a GIF of one pixel": "png",
  });
});

test("a file that is cut off anywhere is refused", async () => {
  const files: Record<string, Buffer> = {};
  for (const format of ["png", "jpeg", "webp", "gif", "avif"] as const) {
    const whole = await photo(300, 200).toFormat(format).toBuffer();
    for (const part of [0.02, 0.3, 0.6, 0.9]) {
      files[`${format} ${part}`] = whole.subarray(0, Math.floor(whole.length * part));
    }
  }
  const found = await outcomes(files);
  const taken = Object.entries(found).filter(([, outcome]) => !outcome.startsWith("image-"));
  expect(taken).toEqual([]);
});

test("pixels that inflate to more than the header promised do no harm", async () => {
  const lying = Buffer.concat([hollowPng(10, 10).subarray(0, 33), Buffer.alloc(0)]);
  const data = deflateSync(Buffer.alloc(200_000_000));
  const file = withChunk(Buffer.concat([lying, hollowPng(10, 10).subarray(33)]), "IDAT", data);
  expect(["png", "image-unreadable"]).toContain((await outcomes({ file })).file);
});

test("a colour profile that inflates to hundreds of megabytes does no harm, and is not kept", async () => {
  const { images, lay } = await openTestImages();
  const stored = await images
    .take(await lay("cat.png", await profileBomb(300_000_000)))
    .catch((error: unknown) => (error instanceof Refusal ? undefined : Promise.reject(error)));
  if (stored) expect(stored.bytes).toBeLessThan(100_000);
});

test("odd kinds of pixels are taken", async () => {
  const files = {
    "a CMYK JPEG": await photo().toColourspace("cmyk").jpeg().toBuffer(),
    "a 16-bit PNG": await photo().toColourspace("rgb16").png().toBuffer(),
    "a grey PNG with transparency": await pixels(20, 20, (x) => [x, 255 - x])
      .toColourspace("b-w")
      .png()
      .toBuffer(),
    "a progressive JPEG": await photo().jpeg({ progressive: true }).toBuffer(),
    "a WebP without loss": await photo().webp({ lossless: true }).toBuffer(),
    "an AVIF of 10 bits": await photo().avif({ effort: 0, bitdepth: 8 }).toBuffer(),
  };
  expect(Object.values(await outcomes(files))).toEqual(["jpeg", "png", "png", "jpeg", "webp", "jpeg"]);
});

const manyFilesMs = 300_000; // decoders that break are started anew, which takes long on a loaded machine

test(
  "three hundred damaged files of six formats end in an image or in a refusal, and nothing else",
  async () => {
    const bases: Buffer[] = [];
    for (const format of ["png", "jpeg", "webp", "gif", "avif"] as const) {
      bases.push(await photo(64, 48).withMetadata({ orientation: 3 }).toFormat(format).toBuffer());
    }
    bases.push(readFileSync("test/fixtures/images/plain.heic"));
    const files: Record<string, Buffer> = {};
    for (let seed = 0; seed < 300; seed += 1) {
      const base = bases[seed % bases.length];
      if (base) files[`seed ${seed}`] = mutated(base, seed);
    }
    const found = await outcomes(files);
    const odd = Object.entries(found).filter(([, outcome]) => !/^(png|jpeg|webp|image-[a-z-]+)$/.test(outcome));
    expect(odd).toEqual([]);
    const refused = Object.values(found).filter((outcome) => outcome.startsWith("image-")).length;
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(300);
  },
  manyFilesMs,
);
