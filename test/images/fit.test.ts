import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { colourAt, flawed, photo, pixels } from "./samples.ts";
import type { TestImages } from "./test-images.ts";
import { openTestImages } from "./test-images.ts";

const everything = ["png", "jpeg", "webp"] as const;

async function result({ images }: TestImages, bytes: Uint8Array, attempt = "a1") {
  const sink = await images.openResult(attempt, 0);
  await sink.write(bytes);
  await sink.commit();
  const [found] = (await images.received(attempt)).images;
  if (!found) throw new Error("The sample is not an image");
  return found.image;
}

test("hands out the image itself when it fits", async () => {
  const room = await openTestImages();
  const bytes = await photo().png().toBuffer();
  const image = await result(room, bytes);
  const fitted = await room.images.fit(image, { bytes: bytes.length, formats: everything });
  expect(fitted).toEqual({ path: room.images.pathOf(image), format: "png", bytes: bytes.length, changed: false });
});

test("makes a JPEG that is small enough, and not smaller than it must be", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(800, 600).png().toBuffer());
  for (const limit of [500_000, 300_000, 200_000]) {
    const fitted = await room.images.fit(image, { bytes: limit, formats: everything });
    expect(fitted).toMatchObject({ format: "jpeg", changed: true });
    expect(fitted.bytes).toBeLessThanOrEqual(limit);
    expect(fitted.bytes).toBeGreaterThan(limit / 3);
    expect((await readFile(fitted.path)).length).toBe(fitted.bytes);
    expect(await sharp(fitted.path).metadata()).toMatchObject({ format: "jpeg", width: 800, height: 600 });
  }
});

test("gives pixels away only when no quality is small enough", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(800, 600).png().toBuffer());
  for (const limit of [30_000, 3_000, 700]) {
    const fitted = await room.images.fit(image, { bytes: limit, formats: everything });
    expect(fitted.bytes).toBeLessThanOrEqual(limit);
    const { width, height } = await sharp(fitted.path).metadata();
    expect(width).toBeLessThan(800);
    expect(width / height).toBeGreaterThan(1.2);
    expect(width / height).toBeLessThan(1.5);
  }
});

test("keeps transparency where the place can show it, and is white where it cannot", async () => {
  const room = await openTestImages();
  const rule = (x: number, y: number) => [(x * 7919 + y * 104729) % 256, (x * y) % 256, x % 256, x < 150 ? 0 : 255];
  const image = await result(room, await pixels(300, 300, rule).png({ compressionLevel: 0 }).toBuffer());
  const bytes = 150_000;
  const webp = await room.images.fit(image, { bytes, formats: everything });
  expect(webp.format).toBe("webp");
  expect((await colourAt(webp.path, 20, 20))[3]).toBe(0);
  const png = await room.images.fit(image, { bytes, formats: ["png", "jpeg"] });
  expect(png.format).toBe("png");
  const { width = 0 } = await sharp(png.path).metadata();
  expect((await colourAt(png.path, Math.floor(width / 10), 5))[3]).toBe(0);
  const jpeg = await room.images.fit(image, { bytes, formats: ["jpeg"] });
  expect(jpeg.format).toBe("jpeg");
  expect(await colourAt(jpeg.path, 20, 20)).toEqual([255, 255, 255]);
});

test("takes an image for opaque when no pixel of it is transparent, whatever its format could do", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(400, 300).ensureAlpha().png().toBuffer());
  expect(await room.images.fit(image, { bytes: 100_000, formats: everything })).toMatchObject({ format: "jpeg" });
});

test("holds the limit although parts of the image are much simpler than others", async () => {
  const room = await openTestImages();
  const noise = await photo(300, 1100).raw().toBuffer();
  for (let y = 0; y < 1100; y += 1) if (y % 256 < 16) noise.fill(90, y * 900, (y + 1) * 900);
  const raw = { width: 300, height: 1100, channels: 3 } as const;
  const image = await result(room, await sharp(noise, { raw }).png().toBuffer());
  for (const limit of [200_000, 120_000, 20_000]) {
    const fitted = await room.images.fit(image, { bytes: limit, formats: everything });
    expect(fitted.bytes).toBeLessThanOrEqual(limit);
  }
});

test("changes only the format when that is all that stands in the way", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo().webp().toBuffer());
  const limit = { bytes: 10_000_000, formats: ["png", "jpeg"] as const };
  expect(await room.images.fit(image, limit)).toMatchObject({ format: "jpeg", changed: true });
});

test("gives the same file again, also after a restart, and makes it once", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(400, 300).png().toBuffer());
  const limit = { bytes: 60_000, formats: everything };
  const [one, two] = await Promise.all([room.images.fit(image, limit), room.images.fit(image, limit)]);
  const bytes = await readFile(one.path);
  const later = await openTestImages({ directory: room.directory });
  const three = await later.images.fit(image, { bytes: 60_000, formats: ["webp", "jpeg", "png"] });
  expect([two, three]).toEqual([one, one]);
  expect((await readFile(three.path)).equals(bytes)).toBe(true);
  expect(await readdir(join(room.directory, "fitted"))).toHaveLength(1);
  expect(await readdir(join(room.directory, "scratch"))).toEqual([]);
});

test("keeps versions for different limits apart", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(400, 300).png().toBuffer());
  const small = await room.images.fit(image, { bytes: 20_000, formats: everything });
  const large = await room.images.fit(image, { bytes: 60_000, formats: everything });
  expect(small.path).not.toBe(large.path);
  expect(small.bytes).toBeLessThanOrEqual(20_000);
});

test("fits a paid image although its pixels are flawed", async () => {
  const room = await openTestImages();
  const image = await result(room, flawed(await photo(800, 600).png().toBuffer()));
  const fitted = await room.images.fit(image, { bytes: 200_000, formats: everything });
  expect(fitted.bytes).toBeLessThanOrEqual(200_000);
});

test("breaks rather than hand out a file that is too large", async () => {
  const room = await openTestImages();
  const image = await result(room, await photo(400, 300).png().toBuffer());
  await expect(room.images.fit(image, { bytes: 50, formats: everything })).rejects.toThrow("50 bytes");
  await expect(room.images.fit(image, { bytes: 50, formats: [] })).rejects.toThrow("no image at all");
  expect(await readdir(join(room.directory, "fitted"))).toEqual([]);
});
