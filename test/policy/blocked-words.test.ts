import { describe, expect, test } from "vitest";
import { blockedWordIn } from "../../src/policy/blocked-words.ts";

const words = ["gore", "bad thing", "Straße", "色情", "ばか", "сука", "naïve"];

describe("finds a blocked word", () => {
  test.each([
    ["as it is", "much gore here", "gore"],
    ["in any case", "GoRe", "gore"],
    ["at punctuation", "(gore!)", "gore"],
    ["in full width", "ｇｏｒｅ", "gore"],
    ["with Cyrillic letters in it", "gоrе", "gore"],
    ["with Greek letters in it", "gοrε", "gore"],
    ["with characters of no width in it", "g\u200bo\u00ad\u2060re", "gore"],
    ["with accents", "g\u0335ór\u0336ë", "gore"],
    ["with digits for letters", "g0r3 g0re", "gore"],
    ["of several words over any spaces", "a bad,\n  THING", "bad thing"],
    ["with a sharp s", "STRASSE", "Straße"],
    ["in Chinese within a sentence", "请画一张色情图", "色情"],
    ["in Chinese with spaces and signs between", "色 ·情", "色情"],
    ["in Japanese", "おまえはばかだ", "ばか"],
    ["in Russian", "Вот СУКА!", "сука"],
    ["without the accents that it has", "so naive", "naïve"],
  ])("%s", (_how, text, word) => expect(blockedWordIn(text, words)).toBe(word));
});

describe("does not mistake", () => {
  test.each([
    ["a longer word", "gored by bulls; allegoré"],
    ["the halves of two words", "go re"],
    ["digits by themselves", "90 5 1030"],
    ["another Japanese word with marks", "はか"],
    ["the words in another order", "thing bad"],
    ["nothing", ""],
  ])("%s", (_what, text) => expect(blockedWordIn(text, words)).toBeUndefined());
});

test("a list without letters blocks nothing", () => {
  expect(blockedWordIn("a cat !!", ["!!", " ", ""])).toBeUndefined();
});
