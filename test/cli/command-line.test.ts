import { afterEach, expect, test, vi } from "vitest";
import { parseCommandLine } from "../../src/cli/command-line.ts";

/** Collects what was written, instead of showing it. */
function quietly<Result>(run: () => Result): { result: Result; written: string } {
  let written = "";
  const keep = (text: string | Uint8Array) => {
    written += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  return { result: run(), written };
}
afterEach(() => vi.restoreAllMocks());

const parse = (...args: string[]) => parseCommandLine(args);

test("starts the bot when nothing else is asked for", () => {
  expect(parse()).toEqual({ name: "start" });
});

test("reads what is done instead of starting", () => {
  expect(parse("--check")).toEqual({ name: "check" });
  expect(parse("--audit")).toEqual({ name: "audit" });
  expect(parse("--backup", "a.tar")).toEqual({ name: "backup", file: "a.tar" });
  expect(parse("--restore=a.tar")).toEqual({ name: "restore", file: "a.tar" });
  expect(parse("grant", "discord:1", "500")).toEqual({ name: "grant", member: "discord:1", amount: 500 });
  expect(parse("usage")).toEqual({ name: "usage", days: 30 });
  expect(parse("usage", "--days", "7")).toEqual({ name: "usage", days: 7 });
});

test("reads a prompt with all that goes with it", () => {
  const files = ["--image", "a.png", "--image", "b.png", "--mask", "m.png"];
  const wishes = ["--size", "2K 16:9", "--quality", "high", "--count", "2", "--format", "webp", "--provider", "openai"];
  expect(parse("imagine", "a red bicycle", "--out", "there", ...files, ...wishes, "--yes")).toEqual({
    ...{ name: "imagine", prompt: "a red bicycle", out: "there", image: ["a.png", "b.png"], mask: "m.png", yes: true },
    ...{ size: "2K 16:9", quality: "high", count: 2, format: "webp", provider: "openai" },
  });
  expect(parse("imagine", "plain")).toEqual({ name: "imagine", prompt: "plain", out: ".", image: [], yes: false });
});

test.each([
  [["--chekc"], "--check"],
  [["--check", "--audit"], "cannot be used with"],
  [["grant", "discord:1"], "missing required argument"],
  [["grant", "discord:1", "-5"], "must be a whole number"],
  [["grant", "discord:1", "5.5"], "must be a whole number"],
  [["usage", "--days", "many"], "must be a whole number"],
  [["imagine"], "missing required argument"],
  [["strat"], "too many arguments"],
])("refuses %j with a sentence and the exit code for wrong usage", (args, words) => {
  const { result, written } = quietly(() => parseCommandLine(args));
  expect(result).toEqual({ exit: 64 });
  expect(written).toContain(words);
});

test("shows every command and option when asked for help", () => {
  const { result, written } = quietly(() => parse("--help"));
  expect(result).toEqual({ exit: 0 });
  for (const word of ["--check", "--audit", "--backup", "--restore", "imagine", "grant", "usage"]) {
    expect(written).toContain(word);
  }
});
