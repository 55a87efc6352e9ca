import { expect, test } from "vitest";
import { decode } from "./decoding.ts";

const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>50 % “é”</text></svg>';
const written = `<?xml version="1.0"?>\n${svg}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const asGoWrites = (text: string) => JSON.stringify(text).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");

test.each([
  ["base64", JSON.stringify({ b64_json: base64(svg) }), svg],
  ["base64 under url", JSON.stringify({ url: base64(written) }), written],
  ["a data URI in base64", JSON.stringify({ url: `data:image/svg+xml;base64,${base64(svg)}` }), svg],
  ["a data URI in words", JSON.stringify({ url: `data:image/svg+xml;utf8,${svg}` }), svg],
  ["an escaped data URI", JSON.stringify({ b64_json: `data:image/svg+xml,${encodeURIComponent(svg)}` }), svg],
  ["plain words", JSON.stringify({ b64_json: written }), written],
  ["escaped words", `{"b64_json":${asGoWrites(svg)}}`, svg],
])("an SVG as %s is kept as what it is, in pieces of any length", async (_, item, text) => {
  for (const length of [1, 7, 65_536]) {
    const { call, found } = await decode(`{"data":[${item}]}`, 1, () => length);
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(call.images.get(0)?.toString()).toBe(text);
  }
});

test("an SVG beside an image in the same item gives way to it, whichever comes first", async () => {
  const image = base64("a fox, as bytes");
  for (const item of [
    `"url":"data:image/svg+xml,<svg>","b64_json":"${image}"`,
    `"b64_json":"${image}","url":"<svg>"`,
  ]) {
    const { call, found } = await decode(`{"data":[{${item}}]}`);
    expect(found).toEqual([{ type: "image", index: 0 }]);
    expect(call.images.get(0)?.toString()).toBe("a fox, as bytes");
  }
  const { found } = await decode('{"data":[{"b64_json":"<svg>","url":"https://r2.example/1.png"}]}');
  expect(found).toEqual([{ type: "url", index: 0, url: "https://r2.example/1.png" }]);
});

test("an SVG in words without end costs only itself", async () => {
  const { found } = await decode(
    JSON.stringify({ data: [{ b64_json: `<svg>${"x".repeat(1_100_000)}` }, { b64_json: base64("a fox, as bytes") }] }),
  );
  expect(found).toEqual([{ type: "image", index: 1 }]);
});
