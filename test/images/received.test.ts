import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Images } from "../../src/images/images.ts";
import { hollowPng, photo } from "./samples.ts";
import { openTestImages } from "./test-images.ts";

async function put(images: Images, attempt: string, index: number, bytes: Uint8Array | string) {
  const sink = await images.openResult(attempt, index);
  await sink.write(Buffer.from(bytes));
  await sink.commit();
}

test("finds what was committed, by index, with what its bytes say", async () => {
  const { images } = await openTestImages();
  const made = { 0: "png", 2: "jpeg", 11: "webp" } as const;
  const sent = new Map<number, Buffer>();
  for (const [index, format] of Object.entries(made)) {
    sent.set(Number(index), await photo(64, 48).toFormat(format).toBuffer());
    await put(images, "a1", Number(index), sent.get(Number(index)) ?? "");
  }
  await images.finish("a1");
  const { complete, images: found, damaged } = await images.received("a1");
  expect({ complete, damaged }).toEqual({ complete: true, damaged: [] });
  expect(found.map(({ index }) => index)).toEqual([0, 2, 11]);
  for (const { index, image } of found) {
    const bytes = sent.get(index) ?? Buffer.alloc(0);
    expect(image).toEqual({
      file: `results/a1-${index}`,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      format: made[index as keyof typeof made],
      bytes: bytes.length,
      width: 64,
      height: 48,
    });
    expect((await readFile(images.pathOf(image))).equals(bytes)).toBe(true);
  }
});

test("says the same after a restart, and each time", async () => {
  const { images, directory } = await openTestImages();
  await put(images, "a1", 0, await photo().png().toBuffer());
  await images.finish("a1");
  const before = await images.received("a1");
  expect(await images.received("a1")).toEqual(before);
  expect(await (await openTestImages({ directory })).images.received("a1")).toEqual(before);
});

test("is not complete when the process died in the middle of the answer", async () => {
  const { images, directory } = await openTestImages();
  await put(images, "a1", 0, await photo().png().toBuffer());
  const torn = await images.openResult("a1", 1);
  await torn.write(Buffer.alloc(2_000_000));
  const received = await (await openTestImages({ directory })).images.received("a1");
  expect(received).toMatchObject({ complete: false, images: [{ index: 0 }], damaged: [] });
});

test("knows nothing of an attempt that received nothing", async () => {
  const { images } = await openTestImages();
  expect(await images.received("never")).toEqual({ complete: false, images: [], damaged: [] });
});

test("tells images from answers that are none, or were cut off", async () => {
  const { images } = await openTestImages();
  const png = await photo(300, 200).png().toBuffer();
  const jpeg = await photo(300, 200).jpeg().toBuffer();
  const webp = await photo(300, 200).webp().toBuffer();
  const bad: (Buffer | string)[] = [
    "<html>502 Bad Gateway</html>",
    "",
    png.subarray(0, -1),
    png.subarray(0, png.length / 2),
    jpeg.subarray(0, -1),
    webp.subarray(0, -2), // the last byte may only fill up an odd length
    hollowPng(60_000, 60_000),
  ];
  await put(images, "a1", 0, png);
  for (const [at, bytes] of bad.entries()) await put(images, "a1", at + 1, bytes);
  const { images: found, damaged } = await images.received("a1");
  expect(found.map(({ index }) => index)).toEqual([0]);
  expect(damaged).toEqual(bad.map((_, at) => at + 1));
});

test("takes a whole image with more behind its end", async () => {
  const { images } = await openTestImages();
  await put(images, "a1", 0, Buffer.concat([await photo().jpeg().toBuffer(), Buffer.from("more")]));
  expect(await images.received("a1")).toMatchObject({ images: [{ index: 0 }], damaged: [] });
});
