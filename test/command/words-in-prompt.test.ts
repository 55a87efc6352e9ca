import fc from "fast-check";
import { expect, test } from "vitest";
import { readWords } from "../../src/command/words-in-prompt.ts";

test.each([
  ["make it blue 2k 16:9 high x3", { prompt: "make it blue", size: "2K 16:9", quality: "high", count: 3 }],
  ["make it blue, high, png", { prompt: "make it blue", quality: "high", format: "png" }],
  ["make it blue\nwebp", { prompt: "make it blue", format: "webp" }],
  ["a harbour 2048x1152", { prompt: "a harbour", size: "2048x1152" }],
  ["a harbour 2048×1152 JPG.", { prompt: "a harbour", size: "2048x1152", format: "jpeg" }],
  ["a cat in 4K", { prompt: "a cat", size: "4K" }],
  ["a cat --ar 9:16 --quality low --n 2", { prompt: "a cat", size: "9:16", quality: "low", count: 2 }],
  ["a cat quality=high size: 2k", { prompt: "a cat", quality: "high", size: "2K" }],
  ["把它变成蓝色 2k 16：9 高质量 3张", { prompt: "把它变成蓝色", size: "2K 16:9", quality: "high", count: 3 }],
  ["换成夜晚，高质量", { prompt: "换成夜晚", quality: "high" }],
  ["2k 16:9", { prompt: "", size: "2K 16:9" }],
  ["  ", { prompt: "" }],
])("takes the options behind a prompt: %s", (text, expected) => {
  expect(readWords(text)).toEqual(expected);
});

test.each([
  "make the tower high",
  "a sign that says 2k is enough",
  "a clock showing 10:10",
  "the sun is low",
  "export as png",
  "enlarge it 3x",
  "x3 is written on the door of the 16:9 cinema",
  "a bottle labelled x11",
  "size: small",
  "a room of 20x30 metres",
  "he went high, she went low, both came home",
])("takes nothing that belongs to the sentence: %s", (text) => {
  expect(readWords(text)).toEqual({ prompt: text });
});

test("keeps the earlier of two words for the same option in the prompt", () => {
  expect(readWords("a poster about 2k 4k")).toEqual({ prompt: "a poster about 2k", size: "4K" });
  expect(readWords("a poster 16:9 1024x1024")).toEqual({ prompt: "a poster 16:9", size: "1024x1024" });
});

test("only ever cuts at the end", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", " 2k", ", high", " --n 3", " x2 png"),
      (text, tail) => {
        const { prompt } = readWords(text + tail);
        expect((text + tail).trim().startsWith(prompt)).toBe(true);
      },
    ),
  );
});
