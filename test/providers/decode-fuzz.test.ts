import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeImages } from "../../src/providers/decode.ts";
import { MalformedAnswer } from "../../src/providers/json-tokens.ts";
import { testCall } from "./call.ts";
import { decode, inPieces } from "./decoding.ts";

/** Any JSON, with decoys that look like images, but nothing at `data`. */
const decoy = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"b64_json":"zz', "\\", 'data:image/png;base64,"', "\u2028", "\ud83e\udd8a"),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("b64_json", "url", "data", "é", '"', ""), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const imageText = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  key: fc.constantFrom("b64_json", "url"),
  escaped: fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.replaceAll("/", "\\/"),
    (text) => text.replaceAll("+", "\\u002B").replaceAll("=", "\\u003d"),
    (text) => text.replaceAll("/", "\\u002f"),
  ),
  before: decoy,
  after: decoy,
});

const answer = fc
  .record({ images: fc.array(imageText, { maxLength: 4 }), top: decoy, indent: fc.constantFrom(0, 2) })
  .map(({ images, top, indent }) => {
    const items = images.map(({ key, before, after }, at) => ({ before, [key]: `@image ${at}@`, after }));
    let text = JSON.stringify({ top, data: items, usage: { b64_json: top } }, null, indent);
    for (const [at, { bytes, key, escaped }] of images.entries()) {
      const base64 = escaped(bytes.toString("base64"));
      text = text.replace(`@image ${at}@`, () => (key === "url" ? `data:image\\/png;base64,${base64}` : base64));
    }
    return { text, images: images.map(({ bytes }) => bytes), keys: images.map(({ key }) => key) };
  });

const lengths = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 600 })));
const fuzz = { numRuns: 1500, seed: 20261120, interruptAfterTimeLimit: 5000 };

describe("decodeImages, against JSON.parse", () => {
  it("finds the same images and the same rest in any document, however it is cut", () =>
    fc.assert(
      fc.asyncProperty(answer, lengths, async ({ text, images, keys }, cuts) => {
        const { call, rest } = await decode(text, 10, () => cuts.next().value);
        const parsed = JSON.parse(text);
        for (const [at, key] of keys.entries()) delete parsed.data[at][key];
        expect(call.images).toEqual(new Map(images.entries()));
        expect(JSON.stringify(rest)).toBe(JSON.stringify(parsed));
      }),
      fuzz,
    ));

  it("refuses every document that is cut short, and keeps only images that were whole", () =>
    fc.assert(
      fc.asyncProperty(answer, lengths, fc.integer({ min: 0, max: 9_999 }), async ({ text, images }, cuts, part) => {
        const bytes = Buffer.from(text);
        const call = testCall();
        const body = inPieces(bytes.subarray(0, Math.floor((bytes.length * part) / 10_000)), () => cuts.next().value);
        const error = await Array.fromAsync(decodeImages(body, { count: 10, openImage: call.openImage })).catch(
          (e) => e,
        );
        expect(error).toBeInstanceOf(MalformedAnswer);
        expect(error.truncated).toBe(true);
        for (const [index, image] of call.images) expect(image).toEqual(images[index]);
        expect(call.sinks.map(({ state }) => state)).not.toContain("open");
      }),
      fuzz,
    ));

  it("accepts and refuses what JSON.parse accepts and refuses", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ a: decoy, b: decoy }).map((value) => JSON.stringify(value)),
        fc.integer({ min: 0, max: 10_000 }),
        fc.constantFrom(...'{}[]:,"\\0123456789-+.eEtrufalsn \n\t\u0000x/', "", '""', "null", '"a":'),
        fc.integer({ min: 0, max: 3 }),
        lengths,
        async (text, part, inserted, removed, cuts) => {
          const at = Math.floor((text.length * part) / 10_000);
          const mutated = text.slice(0, at) + inserted + text.slice(at + removed);
          const expected = parseObject(Buffer.from(mutated).toString());
          const outcome = await decode(mutated, 1, () => cuts.next().value).then(
            ({ rest }) => rest,
            (error) => error,
          );
          if (expected === undefined) expect(outcome).toBeInstanceOf(MalformedAnswer);
          else expect(JSON.stringify(outcome)).toBe(JSON.stringify(expected));
        },
      ),
      { ...fuzz, numRuns: 4000 },
    ));
});

function parseObject(text: string): object | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
