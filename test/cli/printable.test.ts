import { expect, test } from "vitest";
import { printable, printableJson } from "../../src/cli/printable.ts";

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
  ["letters that cannot be seen", "no\u200b\u{e0041}", "no\\u{200b}\\u{e0041}"],
])("shows %s instead of obeying it", (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("leaves joined emoji and letters together", () => {
  expect(printable("\u{1f469}\u200d\u{1f680} \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")).toBe(
    "\u{1f469}\u200d\u{1f680} \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
  );
});

test("writes JSON that says the same without a character that a terminal obeys", () => {
  const value = { text: "\x1b[2J \x07 \x9b2J \x7f \u202e \u2028 \u{e0041} \n 好 \ud800" };
  const written = printableJson(`${JSON.stringify(value)}\n`);
  expect(written).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+\n$/u);
  expect(JSON.parse(written)).toEqual(value);
});
