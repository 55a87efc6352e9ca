import { expect, test } from "vitest";
import { isCommonPassword } from "../../src/config/password.ts";

test.each([
  ..."password1234 Password123! p@ssw0rd1234 aaaaaaaaaaaa abcabcabcabc 123456789012 qwertyuiop12".split(" "),
  ..."1q2w3e4r5t6y administrator atelieratelier letmeinletmein iloveyou1234 qwerty123456 Welcome2026!!".split(" "),
  ..."changemechangeme 1qaz2wsx3edc zaq12wsxcde3 testtesttest zyxwvutsrqpo 210987654321".split(" "),
  ...["correct horse battery staple", "a password of your own", "the password is password", "My Secret Password 1"],
])("knows “%s” as one that is guessed first", (password) => {
  expect(isCommonPassword(password)).toBe(true);
});

test.each([
  "a lantern by the sea",
  "xK9$mQ2pLw7z",
  "482910573826",
  "Blue-Tram-Orbit-7",
  "correct horse",
  "四匹白马在雪地里奔跑着吗",
])("takes “%s”", (password) => {
  expect(isCommonPassword(password)).toBe(false);
});
