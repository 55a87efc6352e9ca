import { describe, expect, test } from "vitest";
import { namesInPrompt, readReferenceName, similarName } from "../../src/policy/reference-names.ts";

const known = new Map(["fox", "logo", "狐狸", "狐狸精", "ada_lovelace", "8-bit", "여우"].map((name) => [name, name]));
const read = (prompt: string) => namesInPrompt(prompt, known);

describe("a name in a prompt", () => {
  test.each([
    ["@fox in the rain", ["fox"]],
    ["a photo of @Fox, @LOGO and @fox again", ["fox", "logo"]],
    ["(@fox)", ["fox"]],
    ["“@fox”", ["fox"]],
    ["@fox's den", ["fox"]],
    ["@fox.", ["fox"]],
    ["@fox_ and @logo-", ["fox", "logo"]],
    ["-@fox\n-@logo", ["fox", "logo"]],
    ["@fox/@logo", ["fox", "logo"]],
    ["@ada_lovelace draws @8-bit", ["ada_lovelace", "8-bit"]],
    ["＠fox 和 ＠ＬＯＧＯ", ["fox", "logo"]],
    ["把@狐狸放在雪里", ["狐狸"]],
    ["@狐狸精在跳舞", ["狐狸精"]],
    ["把@fox放在雪里", ["fox"]],
    ["@여우를 그려줘", ["여우"]],
  ])("“%s” names %j", (prompt, found) => {
    expect(read(prompt)).toMatchObject({ found, unknown: [] });
  });

  test.each([
    ["draw me@fox.com on a card"],
    ["https://social.example/@fox in a browser"],
    ["www.social.example/@fox"],
    ["<@123> and <@U123|fox> and <@fox>"],
    ["@@fox"],
    ["@everyone and @here look at @channel"],
    ["meet @ 5 pm, @42, @"],
    ["给张三@example.com写信"],
  ])("“%s” names nothing, and asks for nothing", (prompt) => {
    expect(read(prompt)).toEqual({ prompt, found: [], unknown: [] });
  });

  test("is a plain word behind a backslash, which is not drawn", () => {
    const prompt = "a sticker that says \\@fox, by \\＠logo and \\@nobody";
    expect(read(prompt)).toEqual({
      prompt: "a sticker that says @fox, by ＠logo and @nobody",
      found: [],
      unknown: [],
    });
  });

  test("is none within words that a platform put in", () => {
    const plain = ["@fox", "@Ada @logo of #8-bit", "@狐狸"];
    const prompt = "@fox with @Ada @logo of #8-bit and @狐狸在家, @foxtrot, then @logo";
    expect(namesInPrompt(prompt, known, plain)).toMatchObject({ found: ["logo"], unknown: ["foxtrot"] });
    expect(namesInPrompt("@fox", known, ["@fo", "fox", "a @fox"])).toMatchObject({ found: ["fox"] });
  });

  test("that nothing bears is told, each once", () => {
    expect(read("@zebra, @Zebra and @foxes").unknown).toEqual(["zebra", "foxes"]);
  });

  test("is found in time that does not grow faster than the prompt", () => {
    const long = "x".repeat(30_000);
    expect(read(`@${long}`).unknown).toEqual(["x".repeat(32)]);
    expect(read(" @a".repeat(10_000)).unknown).toEqual(["a"]);
    expect(read("@".repeat(32_000)).unknown).toEqual([]);
  });
});

describe("a word that is nearly a name", () => {
  test.each([
    ["fxo", "fox"],
    ["foxx", "fox"],
    ["Lgo", "logo"],
    ["adalovelace", "ada_lovelace"],
    ["ada-lovelase", "ada_lovelace"],
  ])("“%s” may mean %s", (word, name) => {
    expect(similarName(word, known)).toBe(name);
  });

  test.each(["fo", "zebra", "foxes", "logotype", "狐"])("“%s” means no other", (word) => {
    expect(similarName(word, known)).toBeUndefined();
  });
});

describe("the name of a saved image", () => {
  test.each([
    ["fox", "fox", "fox"],
    ["@Fox", "Fox", "fox"],
    ["＠Ｆｏｘ ", "Fox", "fox"],
    ["狐狸", "狐狸", "狐狸"],
    ["x".repeat(32), "x".repeat(32), "x".repeat(32)],
  ])("“%s” is read as %s", (typed, name, foldedName) => {
    expect(readReferenceName(typed)).toEqual({ name, foldedName });
  });

  test.each([
    "",
    "@",
    "@@fox",
    "two words",
    "-fox",
    "a@b",
    "fox!",
    "<@U123|fox>",
    "x".repeat(33),
    "a\u202eb",
    "Everyone",
    "here",
    "123",
  ])("cannot be “%s”", (typed) => {
    expect(() => readReferenceName(typed)).toThrow(expect.objectContaining({ code: "reference-name" }));
  });
});
