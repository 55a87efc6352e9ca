import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ImageFormat, StoredImage } from "../../src/image.ts";
import type { ImagesOptions } from "../../src/images/create-images.ts";
import { photo, pixels } from "./samples.ts";
import { openTestImages, type TestImages } from "./test-images.ts";

const source = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/** The XMP packet of a file, found as any reader of its format finds it; undefined where there is none. */
function xmpIn(file: Buffer): string | undefined {
  if (file.readUInt16BE(0) === 0xffd8) return inJpeg(file);
  return file.toString("latin1", 0, 4) === "RIFF" ? inWebp(file) : inPng(file);
}

function inJpeg(file: Buffer): string | undefined {
  const name = "http://ns.adobe.com/xap/1.0/\0";
  for (let at = 2; file[at] === 0xff && file[at + 1] !== 0xda; at += 2 + file.readUInt16BE(at + 2)) {
    const segment = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
    if (file[at + 1] === 0xe1 && segment.toString("latin1", 0, name.length) === name) {
      return segment.toString("utf8", name.length);
    }
  }
  return undefined;
}

function inWebp(file: Buffer): string | undefined {
  for (let at = 12; at + 8 <= file.length; at += 8 + ((file.readUInt32LE(at + 4) + 1) & ~1)) {
    const length = file.readUInt32LE(at + 4);
    if (file.toString("latin1", at, at + 4) === "XMP ") return file.toString("utf8", at + 8, at + 8 + length);
  }
  return undefined;
}

function inPng(file: Buffer): string | undefined {
  const name = "XML:com.adobe.xmp\0";
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    const isText = file.toString("latin1", at + 4, at + 8) === "iTXt";
    if (isText && data.toString("latin1", 0, name.length) === name) return data.toString("utf8", name.length + 4);
  }
  return undefined;
}

async function resultOf({ images }: TestImages, bytes: Uint8Array): Promise<StoredImage> {
  const sink = await images.openResult("a1", 0);
  await sink.write(bytes);
  await sink.commit();
  const [found] = (await images.received("a1")).images;
  if (!found) throw new Error("no image");
  return found.image;
}

async function fitted(formats: readonly ImageFormat[], options: Partial<ImagesOptions> = {}, bytes = 40_000) {
  const room = await openTestImages(options);
  const image = await resultOf(room, await photo(400, 300).png().toBuffer());
  const made = await room.images.fit(image, { bytes, formats });
  return { made, file: await readFile(made.path), limit: bytes };
}

describe("an image that is encoded anew", () => {
  it.each(["jpeg", "webp", "png"] as const)("says as %s that a model made it, within the limit", async (format) => {
    const { made, file, limit } = await fitted([format]);
    expect(made).toMatchObject({ format, changed: true });
    expect(xmpIn(file)).toContain(`Iptc4xmpExt:DigitalSourceType="${source}"`);
    expect(file.length).toBeLessThanOrEqual(limit);
  });

  it("says so with transparency too, and in an order that every XMP reader takes", async () => {
    const room = await openTestImages();
    const rule = (x: number, y: number) => [(x * 7919 + y * 104729) % 256, (x * y) % 256, x % 256, x < 99 ? 0 : 255];
    const image = await resultOf(room, await pixels(300, 300, rule).png({ compressionLevel: 0 }).toBuffer());
    const { path } = await room.images.fit(image, { bytes: 150_000, formats: ["webp"] });
    const packet = xmpIn(await readFile(path)) ?? "";
    expect(packet).toMatch(/^<\?xpacket begin="\uFEFF".*<rdf:RDF.*<\/rdf:RDF>.*<\?xpacket end="w"\?>$/s);
    expect((await sharp(path).metadata()).xmp?.toString("utf8")).toBe(packet);
  });

  it("says nothing with ORIGIN_MARK=off, and is another file than the marked one", async () => {
    const unmarked = await fitted(["jpeg"], { marksOrigin: false });
    expect(xmpIn(unmarked.file)).toBeUndefined();
    expect((await fitted(["jpeg"])).made.path.split("/").at(-1)).not.toBe(unmarked.made.path.split("/").at(-1));
  });

  it("says nothing in a thumbnail that has no room for it", async () => {
    expect(xmpIn((await fitted(["jpeg"], {}, 1500)).file)).toBeUndefined();
  });
});

it("leaves an original as it is, byte for byte, with what it says of itself", async () => {
  const room = await openTestImages();
  const bytes = await photo(64, 64).withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'>C2PA</x:xmpmeta>").png().toBuffer();
  const image = await resultOf(room, bytes);
  const { path, changed } = await room.images.fit(image, { bytes: bytes.length, formats: ["png"] });
  expect([changed, (await readFile(path)).equals(bytes)]).toEqual([false, true]);
});

it("never claims a member's own file, neither when it is taken nor when it is made to fit", async () => {
  const room = await openTestImages();
  const image = await room.images.take(await room.lay("cat.png", await photo(400, 300).png().toBuffer()));
  expect(xmpIn(await readFile(room.images.pathOf(image)))).toBeUndefined();
  const { path, changed } = await room.images.fit(image, { bytes: 40_000, formats: ["jpeg"] });
  expect(changed).toBe(true);
  expect(xmpIn(await readFile(path))).toBeUndefined();
});
