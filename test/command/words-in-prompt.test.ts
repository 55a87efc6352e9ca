import fc from "fast-check";
import { expect, test } from "vitest";
import { readWords } from "../../src/command/words-in-prompt.ts";
import { promptsWithOptions, wholePrompts } from "./real-prompts.ts";

function read(text: string, given?: ReadonlySet<string>) {
  const { asWritten: _, ...words } = readWords(text, given);
  return words;
}

test.each([
  ["make it blue 2k 16:9 high x3", { prompt: "make it blue", size: "2K 16:9", quality: "high", count: 3 }],
  ["make it blue, high, png", { prompt: "make it blue", quality: "high", format: "png" }],
  ["make it blue\nwebp", { prompt: "make it blue", format: "webp" }],
  ["a harbour, 2048x1152", { prompt: "a harbour", size: "2048x1152" }],
  ["a harbour 2048×1152 JPG.", { prompt: "a harbour", size: "2048x1152", format: "jpeg" }],
  ["a cat --ar 9:16 --quality low --n 2", { prompt: "a cat", size: "9:16", quality: "low", count: 2 }],
  ["a cat — n 2", { prompt: "a cat — n 2" }],
  ["a cat —n 2", { prompt: "a cat", count: 2 }],
  ["a cat quality=high size: 2k", { prompt: "a cat", quality: "high", size: "2K" }],
  ["a cat, quality=high", { prompt: "a cat", quality: "high" }],
  ["a cat, size: 2k", { prompt: "a cat", size: "2K" }],
  ["a sign that says 4K\n2k 16:9", { prompt: "a sign that says 4K", size: "2K 16:9" }],
  ["the text: shot in 4K --size 2k", { prompt: "the text: shot in 4K", size: "2K" }],
  ['a sign with "hello, world", 16:9', { prompt: 'a sign with "hello, world", 16:9' }],
  [
    'a shop called "Nine", seen from afar. Add rain, 2k',
    { prompt: 'a shop called "Nine", seen from afar. Add rain', size: "2K" },
  ],
  ["把它变成蓝色 2k 16：9 高质量 3张", { prompt: "把它变成蓝色", size: "2K 16:9", quality: "high", count: 3 }],
  ["换成夜晚，高质量", { prompt: "换成夜晚", quality: "high" }],
  ["2k 16:9", { prompt: "", size: "2K 16:9" }],
  ["a fox --background transparent", { prompt: "a fox", background: "transparent" }],
  ["a fox background:transparent webp", { prompt: "a fox", background: "transparent", format: "webp" }],
  ["a fox, bg=opaque compression=70 jpeg", { prompt: "a fox", background: "opaque", compression: 70, format: "jpeg" }],
  ["older --fidelity high high", { prompt: "older", fidelity: "high", quality: "high" }],
  ["a fox on a transparent background", { prompt: "a fox on a transparent background" }],
  ["a fox --background purple", { prompt: "a fox --background purple" }],
  ["  ", { prompt: "" }],
])("takes the options behind a prompt: %s", (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test("has more than two hundred prompts to try, half of them without options", () => {
  expect(wholePrompts.length).toBeGreaterThanOrEqual(100);
  expect(promptsWithOptions.length).toBeGreaterThanOrEqual(100);
});

test.each(wholePrompts)("takes nothing that may belong to the sentence: %s", (text) => {
  expect(readWords(text)).toEqual({ prompt: text });
});

test.each(promptsWithOptions)("takes what stands behind %j in %j", (prompt, text, taken) => {
  expect(read(text)).toEqual({ prompt, ...taken });
});

test.each(promptsWithOptions)("keeps the words as they were written: %j in %j", (_, text, taken) => {
  const { asWritten } = readWords(text);
  if (/--|—|–/.test(text)) return expect(asWritten?.prompt ?? text).not.toBe("");
  expect(asWritten?.prompt).toBe(text);
  expect(Object.keys(asWritten ?? {}).sort()).toEqual(["prompt", ...Object.keys(taken)].sort());
});

test.each([["a cat --ar 9:16 --quality low --n 2"], ["a fox --size 2k"], ["a fox —size 2k"], ["a fox"]])(
  "asks about nothing that was named on purpose: %s",
  (text) => {
    expect(readWords(text)).not.toHaveProperty("asWritten");
  },
);

test.each([
  ["a fox, 2k --n 3", { prompt: "a fox, 2k", size: undefined, count: 3 }],
  ["a fox --n 3, 2k", { prompt: "a fox, 2k", size: undefined, count: 3 }],
  ["a fox, 16:9 --size 2k high", { prompt: "a fox, 16:9 high", size: "2K", quality: undefined }],
  ["a mug that says --size 2k", { prompt: "a mug that says --size 2k", size: undefined }],
  ["a poster: git log --n 3", { prompt: "a poster: git log --n 3", count: undefined }],
])("leaves what was named on purpose out of the sentence: %s", (text, asWritten) => {
  expect(readWords(text).asWritten).toStrictEqual(asWritten);
});

test("leaves words that mean an option which was given otherwise", () => {
  expect(readWords("a fox, 2k", new Set(["size"]))).toEqual({ prompt: "a fox, 2k" });
  expect(read("a fox, 2k, x3", new Set(["size"]))).toEqual({ prompt: "a fox, 2k", count: 3 });
  expect(readWords("a fox --n 3", new Set(["count"]))).toEqual({ prompt: "a fox" });
});

test("leaves every sentence letter by letter, whatever is taken out of it", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom(
      "2k",
      " 16:9",
      ", high",
      "x3",
      "\n4k",
      "size: 2k",
      "，高质量",
      "quality=high",
      " ",
      ",",
      "“",
      "webp.",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      const { prompt, asWritten } = readWords(text);
      if (/--|—|–/.test(text)) return;
      expect(asWritten?.prompt ?? prompt).toBe(text.trim());
      for (const [name, value] of Object.entries(asWritten ?? {})) if (name !== "prompt") expect(value).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test("takes one option of each kind, and leaves the rest of the words alone", () => {
  expect(readWords("a poster, 16:9, 1024x1024")).toEqual({ prompt: "a poster, 16:9, 1024x1024" });
  expect(read("a poster --size 16:9 --size 2k --size 4k")).toEqual({
    prompt: "a poster --size 16:9 --size 2k",
    size: "4K",
  });
});

test("only ever cuts at the end", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", " 2k", ", high", " --n 3", " x2 png", "\n2k 16:9"),
      (text, tail) => {
        const { prompt } = readWords(text + tail);
        expect((text + tail).trim().startsWith(prompt)).toBe(true);
      },
    ),
  );
});

test.each([
  "a",
  " ",
  ",",
  ":",
  "2k ",
  "2k, ",
  "--n 2 ",
  "“",
  '"',
  "1:",
  "=",
  "-",
  "\n",
  "。",
  "x3 ",
  "，",
  "9999x9999 ",
])("reads a hundred thousand characters of %j at once", (part) => {
  const long = part.repeat(Math.ceil(100_000 / part.length));
  for (const text of [long, `a cat ${long}`, `${long} 2k 16:9`])
    expect(readWords(text).prompt.length).toBeLessThanOrEqual(text.length);
});
