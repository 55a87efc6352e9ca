import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { animation, colourAt, photo, withChunk } from "./samples.ts";
import { openTestImages, refusalOf } from "./test-images.ts";

const fixture = (name: string) => readFile(join(import.meta.dirname, "../fixtures/images", name));

async function taken(bytes: Buffer, filename = "cat.bin") {
  const { images, lay } = await openTestImages();
  const stored = await images.take(await lay(filename, bytes));
  return { ...stored, path: images.pathOf(stored) };
}

test("takes an AVIF by its compatible brands, or its items, whatever its major brand is (F1)", async () => {
  const avif = await fixture("mif1.avif");
  const { width = 0, height = 0 } = await sharp(avif).metadata();
  expect(await taken(avif)).toMatchObject({ format: "jpeg", width, height });
  const still = await photo(40, 20).avif({ effort: 0 }).toBuffer();
  for (const major of ["msf1", "mif1", "miaf", "av01"]) {
    const other = Buffer.from(still);
    other.write(major, 8, "latin1");
    expect.soft(await taken(other), major).toMatchObject({ format: "jpeg", width: 40, height: 20 });
  }
  const bare = Buffer.from(still);
  const end = bare.readUInt32BE(0);
  for (let at = 16; at < end; at += 4) bare.write("miaf", at, "latin1");
  bare.write("mif1", 8, "latin1");
  expect(await taken(bare)).toMatchObject({ format: "jpeg", width: 40, height: 20 });
});

test("takes an animation of one frame as a still image, and says nothing (F2)", async () => {
  const one = sharp(Buffer.alloc(300), { raw: { width: 10, height: 10, channels: 3, pageHeight: 10 } });
  const files = [
    await fixture("one-frame.png"),
    await one
      .clone()
      .webp({ delay: [9] })
      .toBuffer(),
  ];
  files.push(
    await one
      .clone()
      .gif({ delay: [9] })
      .toBuffer(),
  );
  for (const file of files) expect(await taken(file)).not.toHaveProperty("firstFrame");
});

test("takes a file that only lacks its last bytes (F3)", async () => {
  const whole = {
    jpeg: await photo(300, 200).jpeg().toBuffer(),
    progressive: await photo(300, 200).jpeg({ progressive: true }).toBuffer(),
    png: await photo(300, 200).png().toBuffer(),
    gif: await photo(300, 200).gif().toBuffer(),
  };
  expect(await taken(await fixture("no-eoi.jpg"))).toMatchObject({ format: "jpeg" });
  for (const [name, bytes] of Object.entries(whole)) {
    const missing = { jpeg: 2, progressive: 2, png: 12, gif: 1 }[name] ?? 0;
    const outcome = await taken(bytes.subarray(0, -missing)).catch(String);
    expect.soft(outcome, name).toMatchObject({ width: 300, height: 200 });
  }
});

test("refuses a photograph whose lower part is missing", async () => {
  const { images, lay } = await openTestImages();
  const jpeg = await photo(300, 200).jpeg().toBuffer();
  const cut = jpeg.subarray(0, Math.floor(jpeg.length * 0.7));
  expect((await refusalOf(images.take(await lay("cat.jpg", cut)))).code).toBe("image-unreadable");
});

test("shrinks large photographs and panoramas while it decodes them (F4)", { timeout: 60_000 }, async () => {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: "#4080c0" } });
  const telephone = await flat(8192, 6144).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  expect(await taken(telephone)).toMatchObject({ format: "jpeg", width: 3072, height: 4096 });
  const panorama = await flat(20_000, 4_000).png({ compressionLevel: 1 }).toBuffer();
  expect(await taken(panorama)).toMatchObject({ format: "png", width: 10_000, height: 2_000 });
});

test("takes HEIC as telephones make it, with its colours and the way it is looked at (F5)", async () => {
  const plain = await taken(await fixture("two-by-two.heic"), "IMG_0001.HEIC");
  expect(plain).toMatchObject({ format: "jpeg", width: 64, height: 48 });
  expect(plain).not.toHaveProperty("firstFrame");
  const corners = [await colourAt(plain.path, 10, 10), await colourAt(plain.path, 54, 38)];
  const wide = await taken(await fixture("display-p3.heic"), "IMG_0002.HEIC");
  const converted = [await colourAt(wide.path, 10, 10), await colourAt(wide.path, 54, 38)];
  for (const [red = 0, green = 0, blue = 0] of [corners[0] ?? [], converted[0] ?? []]) {
    expect([Math.abs(red - 220) < 8, Math.abs(green - 40) < 8, Math.abs(blue - 30) < 8]).toEqual([true, true, true]);
  }
  for (const [red = 0, green = 0, blue = 0] of [corners[1] ?? [], converted[1] ?? []]) {
    expect([Math.abs(red - 20) < 12, Math.abs(green - 200) < 12, Math.abs(blue - 220) < 12]).toEqual([
      true,
      true,
      true,
    ]);
  }
});

test("takes HEIC that is turned, and HEIC of ten bits (F5)", async () => {
  const turned = await taken(await fixture("turned-left.heic"), "IMG_0003.HEIC");
  const deep = await taken(await fixture("ten-bit.heic"), "IMG_0004.HEIC");
  expect([turned, deep]).toMatchObject([
    { width: 48, height: 64 },
    { width: 96, height: 64 },
  ]);
  const isRed = async (path: string, x: number, y: number) => {
    const [red = 0, , blue = 0] = await colourAt(path, x, y);
    return red > 200 && blue < 50;
  };
  expect([await isRed(turned.path, 3, 60), await isRed(turned.path, 40, 3)]).toEqual([true, false]);
  expect([await isRed(deep.path, 10, 10), await isRed(deep.path, 80, 10)]).toEqual([true, false]);
});

test("refuses a damaged HEIC, and a HEIF of something else, by name", async () => {
  const { images, lay } = await openTestImages();
  const heic = await fixture("two-by-two.heic");
  const cut = heic.subarray(0, heic.length - 200);
  expect((await refusalOf(images.take(await lay("a.heic", cut)))).code).toBe("image-unreadable");
  const heif = Buffer.from("\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "latin1");
  const facts = { filename: "a.heif", format: "HEIF" };
  expect(await refusalOf(images.take(await lay("a.heif", heif)))).toEqual({ code: "image-format", facts });
});

test("takes the first frame of an animation, and notes it (F6)", async () => {
  const frames = Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]);
  const files = {
    gif: await animation()
      .gif({ delay: [9, 9, 9] })
      .toBuffer(),
    webp: await animation()
      .webp({ delay: [9, 9, 9] })
      .toBuffer(),
    png: withChunk(await photo(10, 10).png().toBuffer(), "acTL", frames),
  };
  for (const [name, bytes] of Object.entries(files)) {
    expect.soft(await taken(bytes, `cat.${name}`)).toMatchObject({ width: 10, height: 10, firstFrame: true });
  }
});
