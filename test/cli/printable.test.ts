import { expect, test } from "vitest";
import { printable } from "../../src/cli/printable.ts";

test("leaves words of any language as they are", () => {
  expect(printable("cannot be reached: 无法连接 – ошибка 🙂")).toBe("cannot be reached: 无法连接 – ошибка 🙂");
});

test.each([
  ["a sequence that clears the screen", "no\x1b[2J\x1b[H", "no\\u{1b}[2J\\u{1b}[H"],
  ["the same in eight bits", "no\x9b2J", "no\\u{9b}2J"],
  ["a title of the window", "\x1b]0;mine\x07", "\\u{1b}]0;mine\\u{07}"],
  ["a line of its own", "no\nok      openai", "no ok      openai"],
  ["a way back to the beginning", "no\rok", "no\\u{0d}ok"],
  ["a turned direction", "no\u202eko", "no\\u{202e}ko"],
])("shows %s instead of obeying it", (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});
