import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";
import { testCall } from "../call.ts";
import { expectedOf } from "./decode-oracle.ts";
import { decode, inPieces } from "./decoding.ts";

/** A rule that must hold for any input; tests try it a little, `npm run fuzz` for as long as one likes. */
export interface Rule {
  readonly name: string;
  readonly property: fc.IAsyncPropertyWithHooks<never>;
}

/** Any JSON, with decoys that look like images, but nothing at `data`. */
const decoy = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"b64_json":"zz', "\\", 'data:image/png;base64,"', "\u2028", "\ud83e\udd8a"),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("b64_json", "url", "data", "é", '"x', ""), tie("value"), { maxKeys: 3 }),
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

/** Strings where images are looked for, most of them not quite one. */
const nearlyImage = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9+/=_-]{0,40}$/),
  fc.stringMatching(
    /^[A-Za-z0-9+/]{0,20}(\\\/|\\u002[bBfF]|\\u003d|\\n|\\\\|\\u0041|\\u000a| |é){0,3}[A-Za-z0-9+/=]{0,9}$/,
  ),
  fc.stringMatching(/^(data|DATA|dat):[a-z/]{0,10}(;base64|;Base64|;x|)(,|)[A-Za-z0-9+/=]{0,20}$/),
  fc.constantFrom("https://r2.example/1.png", "http:\\/\\/x\\/", "ftp://x", "", "\\", '\\"', "\u0000"),
);
const item = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom("b64_json", "url", "b64_jso", "\\u0075rl", "x"),
    value: nearlyImage,
    raw: fc.boolean(),
  }),
  { maxLength: 4, selector: ({ key }) => key.replace("\\u0075", "u") },
);
const hostile = fc.array(item, { maxLength: 4 }).map((items) => {
  const object = (fields: (typeof items)[number]) =>
    `{${fields.map(({ key, value, raw }) => `"${key}":${raw ? `"${value}"` : JSON.stringify(value)}`).join(",")}}`;
  return `{"created":1,"data":[${items.map(object).join(",")}],"usage":{"total_tokens":7}}`;
});

export const cuts = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 600 })));

export function rule<Values extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  check: (...values: Values) => Promise<void>,
): Rule {
  return { name, property: fc.asyncProperty(...arbitraries, check) as unknown as Rule["property"] };
}

export const documentRules: readonly Rule[] = [
  rule(
    "finds the same images and the same rest in any document, however it is cut",
    [answer, cuts],
    async ({ text, images, keys }, lengths) => {
      const { call, rest } = await decode(text, 10, () => lengths.next().value);
      const parsed = JSON.parse(text);
      for (const [at, key] of keys.entries()) delete parsed.data[at][key];
      assert.deepEqual(call.images, new Map(images.entries()));
      assert.equal(JSON.stringify(rest), JSON.stringify(parsed));
    },
  ),
  rule(
    "refuses every document that is cut short, and keeps only images that were whole",
    [answer, cuts, fc.integer({ min: 0, max: 9_999 })],
    async ({ text, images }, lengths, part) => {
      const bytes = Buffer.from(text);
      const call = testCall();
      const body = inPieces(bytes.subarray(0, Math.floor((bytes.length * part) / 10_000)), () => lengths.next().value);
      const error = await Array.fromAsync(decodeImages(body, { count: 10, openImage: call.openImage })).catch((e) => e);
      assert.ok(error instanceof MalformedAnswer && error.truncated, String(error));
      for (const [index, image] of call.images) assert.deepEqual(image, images[index]);
      assert.ok(call.sinks.every(({ state }) => state !== "open"));
    },
  ),
  rule(
    "accepts and refuses what JSON.parse accepts and refuses",
    [
      fc.record({ a: decoy, b: decoy }).map((value) => JSON.stringify(value)),
      fc.integer({ min: 0, max: 10_000 }),
      fc.constantFrom(...'{}[]:,"\\0123456789-+.eEtrufalsn \n\t\u0000x/', "", '""', "null", '"a":'),
      fc.integer({ min: 0, max: 3 }),
      cuts,
    ],
    async (text, part, inserted, removed, lengths) => {
      const at = Math.floor((text.length * part) / 10_000);
      const mutated = text.slice(0, at) + inserted + text.slice(at + removed);
      await likeTheOracle(mutated, () => lengths.next().value, "strictly");
    },
  ),
  rule("takes what is an image and nothing that is nearly one", [hostile, cuts], (text, lengths) =>
    likeTheOracle(text, () => lengths.next().value),
  ),
  rule(
    "takes what is an image when an answer is damaged anywhere",
    [
      answer,
      fc.integer({ min: 0, max: 10_000 }),
      fc.constantFrom("", "{", "}", '"', "\\", ":", ",", "[", "]", "=", "\u0000"),
      fc.integer({ min: 0, max: 3 }),
      cuts,
    ],
    async ({ text }, part, inserted, removed, lengths) => {
      const at = Math.floor((text.length * part) / 10_000);
      await likeTheOracle(text.slice(0, at) + inserted + text.slice(at + removed), () => lengths.next().value);
    },
  ),
];

/**
 * The same outcome as by reading the text whole: images, addresses and rest, or a refusal; unless `strictly`, a flaw
 * within the string of an image may cost that image alone.
 */
export async function likeTheOracle(
  text: string | Buffer,
  length: (at: number) => number,
  how: "strictly" | "mildly" = "mildly",
): Promise<void> {
  const expected = expectedOf(Buffer.from(text));
  if (expected === "unclear") return;
  const outcome = await decode(text, 10, length).catch((error: unknown) => error);
  if (!expected) {
    const refused = outcome instanceof MalformedAnswer;
    assert.ok(refused || how === "mildly", `taken, though it is no JSON object: ${JSON.stringify(outcome)}`);
    return;
  }
  if (outcome instanceof Error) throw outcome;
  const { call, found, rest } = outcome as Awaited<ReturnType<typeof decode>>;
  assert.deepEqual(call.images, expected.images);
  const urls = found.flatMap((each) => (each.type === "url" ? [[each.index, each.url]] : []));
  assert.deepEqual(urls, expected.urls);
  assert.equal(JSON.stringify(rest), JSON.stringify(expected.rest));
  assert.ok(call.sinks.every(({ state }) => state !== "open"));
}
