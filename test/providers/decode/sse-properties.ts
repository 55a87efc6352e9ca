import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import type { Found } from "../../../src/providers/decode/image-strings.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";
import { testCall } from "../call.ts";
import { cuts, type Rule, rule } from "./decode-properties.ts";
import { inPieces } from "./decoding.ts";

const decoy = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom('\n\ndata: {"b64_json":"zz', "\\", "data: [DONE]", "\u2028", "\ud83e\udd8a", null, 7, true),
  fc.constantFrom([{ b64_json: "AAAA" }], { b64_json: "AAAA", type: "image_edit.completed" }),
);

/** One event: what it is told by, in which order, and how it is written. */
const image = fc.record({
  preview: fc.boolean(),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  key: fc.constantFrom("b64_json", "url"),
  labelled: fc.constantFrom("name before", "name behind", "type before", "type behind", "place"),
  decoy,
  indent: fc.constantFrom(0, 1),
  space: fc.constantFrom("", " "),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  between: fc.constantFrom("", ": ping", "id: 1", "retry: 5", "data", "event"),
});
type Image = typeof image extends fc.Arbitrary<infer Value> ? Value : never;

function write(one: Image): string {
  const { preview, bytes, key, labelled, space, end } = one;
  const type = preview ? "image_generation.partial_image" : "image_generation.completed";
  const text = bytes.toString("base64");
  const typed = labelled.startsWith("type") ? { type } : {};
  const object = {
    ...(labelled === "type before" ? typed : {}),
    decoy: one.decoy,
    [key]: key === "url" ? `data:image/png;base64,${text}` : text,
    ...typed,
    ...(labelled === "place" && preview ? { partial_image_index: 0 } : {}),
  };
  const data = JSON.stringify(object, null, one.indent)
    .split("\n")
    .map((line) => `data:${space}${line}`);
  const name = [`event:${space}${type}`];
  return [
    ...(labelled === "name before" ? name : []),
    ...data,
    ...(one.between === "" ? [] : [one.between]),
    ...(labelled === "name behind" ? name : []),
    "",
    "",
  ].join(end);
}

async function decode(text: string | Buffer, cut: () => number) {
  const call = testCall();
  const found: Found[] = [];
  const error = await (async () => {
    for await (const one of decodeImages(inPieces(text, cut), { count: 4, openImage: call.openImage })) found.push(one);
  })().catch((reason) => reason);
  return { call, found, error };
}

export const eventRules: readonly Rule[] = [
  rule(
    "finds the finished images in their order, and nothing else, however they are written and cut",
    [fc.array(image, { minLength: 1, maxLength: 6 }), cuts],
    async (images, lengths) => {
      const finished = images.filter(({ preview }) => !preview);
      const { call, found, error } = await decode(images.map(write).join(""), () => lengths.next().value);
      assert.deepEqual(call.images, new Map(finished.slice(0, 4).map(({ bytes }, index) => [index, bytes])));
      assert.equal(found.filter(({ type }) => type === "rest").length, finished.length);
      assert.ok(call.sinks.every(({ state }) => state !== "open"));
      if (finished.length > 0) assert.equal(error, undefined);
      else assert.ok(error instanceof MalformedAnswer && error.truncated);
    },
  ),
  rule(
    "keeps only images that were whole when the events are cut short",
    [image, cuts, fc.integer({ min: 0, max: 9_999 })],
    async (one, lengths, part) => {
      const text = Buffer.from(write({ ...one, preview: false }));
      const { call, error } = await decode(text.subarray(0, (text.length * part) / 10_000), () => lengths.next().value);
      assert.deepEqual([...call.images.values()], call.images.size > 0 ? [one.bytes] : []);
      assert.ok(call.sinks.every(({ state }) => state !== "open"));
      if (call.images.size === 0) assert.ok(error instanceof MalformedAnswer && error.truncated);
      else assert.equal(error?.truncated ?? true, true);
    },
  ),
  rule(
    "never throws anything but a MalformedAnswer, whatever is changed",
    [
      fc.array(image, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.constantFrom("", "{", "}", '"', "\\", ":", "\n", "\r", "data:", "event: error\n", "\u0000", "[", ","),
      fc.integer({ min: 0, max: 3 }),
      cuts,
    ],
    async (images, part, inserted, removed, lengths) => {
      const text = images.map(write).join("");
      const at = Math.floor((text.length * part) / 10_000);
      const changed = text.slice(0, at) + inserted + text.slice(at + removed);
      const { call, error } = await decode(changed, () => lengths.next().value);
      assert.ok(error === undefined || error instanceof MalformedAnswer, String(error));
      assert.ok(call.sinks.every(({ state }) => state !== "open"));
    },
  ),
];
