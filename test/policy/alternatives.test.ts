import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAlternatives } from "../../src/policy/alternatives.ts";

const all = (prompt: string) => {
  const { count, first } = readAlternatives(prompt);
  const prompts = first(1000);
  expect(prompts).toHaveLength(count);
  return prompts;
};

describe("alternatives in a prompt", () => {
  test("are all combined, the last group changing fastest", () => {
    expect(all("{red, blue} bicycle in {rain, snow}")).toEqual([
      "red bicycle in rain",
      "red bicycle in snow",
      "blue bicycle in rain",
      "blue bicycle in snow",
    ]);
  });

  test.each([
    ["a cat", "a cat"],
    ["a {word} in braces", "a {word} in braces"],
    ["two {words} and {more}", "two {words} and {more}"],
    ["an open { brace, and another", "an open { brace, and another"],
    ["a closed } brace, {a, b", "a closed } brace, {a, b"],
    ["{a, b} and }", "{a, b} and }"],
    ['{"subject": "a cat, asleep", "style": "ink"}', '{"subject": "a cat, asleep", "style": "ink"}'],
    ['Draw this: {"a": [1, 2], "b": {"c": 1, "d": 2}}', 'Draw this: {"a": [1, 2], "b": {"c": 1, "d": 2}}'],
    ["{subject: a cat, style: ink}", "{subject: a cat, style: ink}"],
    ["{“主体”: “猫”, “风格”: “水墨”}", "{“主体”: “猫”, “风格”: “水墨”}"],
    ["{,}", "{,}"],
    ["{ , , }", "{ , , }"],
    ["a sign that says \\{open, closed\\}", "a sign that says {open, closed}"],
    ["a, b\\, c", "a, b\\, c"],
    ["C:\\new folder", "C:\\new folder"],
    [`${"{".repeat(9)}a, b${"}".repeat(9)}`, `${"{".repeat(9)}a, b${"}".repeat(9)}`],
    [`${"{".repeat(16_000)}${"}".repeat(16_000)}`, `${"{".repeat(16_000)}${"}".repeat(16_000)}`],
  ])("%s is one prompt", (prompt, expected) => {
    expect(all(prompt)).toEqual([expected]);
  });

  test.each([
    ["{a\\, b, c} d", ["a, b d", "c d"]],
    ["{\\{x\\}, y}", ["{x}", "y"]],
    ["a {, red} bicycle", ["a bicycle", "a red bicycle"]],
    ["a bicycle{, in snow}", ["a bicycle", "a bicyclein snow"]],
    ["a bicycle {in snow,}", ["a bicycle in snow", "a bicycle"]],
    ["a {big,} {red,} dog.", ["a big red dog.", "a big dog.", "a red dog.", "a dog."]],
    ["{red, {light, dark} blue} kite", ["red kite", "light blue kite", "dark blue kite"]],
    ["{a {word}, b}", ["a {word}", "b"]],
    ["{ {a, b} }", ["{ a }", "{ b }"]],
    ["{16:9, 1:1} frame", ["16:9 frame", "1:1 frame"]],
    ["｛红，蓝｝色的自行车", ["红色的自行车", "蓝色的自行车"]],
    ["{red, red} kite", ["red kite", "red kite"]],
  ])("%s", (prompt, expected) => {
    expect(all(prompt)).toEqual(expected);
  });

  test("are counted without being made, however many they are", () => {
    expect(readAlternatives("{a, b} ".repeat(4000)).count).toBe(Number.POSITIVE_INFINITY);
    expect(readAlternatives("{a, b} ".repeat(40)).first(13)).toHaveLength(13);
    expect(readAlternatives("{a, b, c} ".repeat(5)).count).toBe(243);
  });

  test("written with their signs escaped, 1,000 random words come back as they were; unescaped, each is one choice", () => {
    const word = fc.string({ unit: fc.constantFrom(..."ab {},\\｛｝，é猫") }).map((text) => text.replaceAll("\\", ""));
    const escaped = (text: string) => text.replace(/[{}｛｝,，]/gu, "\\$&");
    const groups = fc.array(fc.array(word, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(groups, (choices) => {
        const written = choices.map((words) => `{${words.map((text) => escaped(`(${text})`)).join(", ")}}`).join("-");
        const { count, first } = readAlternatives(written);
        expect(count).toBe(choices.reduce((product, words) => product * words.length, 1));
        const made = first(count);
        expect(made).toHaveLength(count);
        expect(made[0]).toBe(choices.map(([text]) => `(${text})`).join("-"));
        expect(made.at(-1)).toBe(choices.map((words) => `(${words.at(-1)})`).join("-"));
        expect(first(2)).toEqual(made.slice(0, 2));
      }),
      { numRuns: 1000 },
    );
  });

  test("never fail on any text, and leave one without braces alone", () => {
    const text = fc.string({ unit: fc.constantFrom(...'a{},\\: "\n') });
    fc.assert(
      fc.property(text, (prompt) => {
        const { count, first } = readAlternatives(prompt);
        expect(first(50)).toHaveLength(Math.min(50, count));
        if (!/[{}]/.test(prompt)) expect(first(1)).toEqual([prompt]);
      }),
      { numRuns: 1000 },
    );
  });
});
