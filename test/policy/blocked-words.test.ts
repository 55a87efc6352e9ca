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
    ["letter by letter", "so g o r e!", "gore"],
    ["letter by letter between other letters", "a g o r e x", "gore"],
    ["letter by letter with signs between", "G.o-r_e", "gore"],
    ["in letters of other scripts", "ցоrе ցօꓣꓰ Ꮐꭻ", "gore"],
    ["in small capitals", "ɢᴏʀᴇ", "gore"],
    ["in letters with strokes", "gøɾe", "gore"],
    ["in mathematical letters", "𝓰𝕠𝖗𝚎", "gore"],
    ["in letters of emoji", "🅶🅾🆁🅴", "gore"],
    ["in halves of flags", "🇬\u200b🇴\u200b🇷\u200b🇪", "gore"],
    ["behind tags that nobody sees", "g\u{e0067}o\u{e0001}re", "gore"],
    ["without the accents that it has", "so naive", "naïve"],
  ])("%s", (_how, text, word) => expect(blockedWordIn(text, words)).toBe(word));
});

describe("does not mistake", () => {
  test.each([
    ["a longer word", "gored by bulls; allegoré"],
    ["the halves of two words", "go re"],
    ["letters that are apart", "a b or c, g or e"],
    ["digits by themselves", "90 5 1030"],
    ["another Japanese word with marks", "はか"],
    ["the words in another order", "thing bad"],
    ["nothing", ""],
  ])("%s", (_what, text) => expect(blockedWordIn(text, words)).toBeUndefined());
});

test("a list without letters blocks nothing", () => {
  expect(blockedWordIn("a cat !!", ["!!", " ", ""])).toBeUndefined();
});
