import { expect, test } from "vitest";
import { createSealer } from "../../src/platforms/seal.ts";

test("opens what it sealed, and shows nothing of it", () => {
  const seal = createSealer("the bot's token");
  const sealed = seal.seal("interaction-token");
  expect(sealed).not.toContain("interaction");
  expect(seal.open(sealed)).toBe("interaction-token");
  expect(createSealer("the bot's token").open(sealed)).toBe("interaction-token");
});

test("opens nothing that was changed, cut, or sealed elsewhere", () => {
  const seal = createSealer("a");
  const sealed = seal.seal("secret");
  const changed = sealed.slice(0, -2) + (sealed.endsWith("AA") ? "BB" : "AA");
  expect(seal.open(changed)).toBeUndefined();
  expect(seal.open(sealed.slice(0, 10))).toBeUndefined();
  expect(seal.open("")).toBeUndefined();
  expect(createSealer("b").open(sealed)).toBeUndefined();
});
