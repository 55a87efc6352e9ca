import { expect, test } from "vitest";
import { createKeySeal } from "../../src/store/key-seal.ts";

const place = { id: "k1", tenant: "discord:guild:1", service: "openai" };
const [first, second] = ["the secret of this installation", "another secret, which came later"];

test("a sealed key opens again, and is not the same text twice", () => {
  const seal = createKeySeal([first]);
  const sealed = seal.seal("sk-key-of-a-place", place);
  expect(sealed).not.toContain("sk-key");
  expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("sk-key");
  expect(seal.open(sealed, place)).toBe("sk-key-of-a-place");
  expect(seal.seal("sk-key-of-a-place", place)).not.toBe(sealed);
});

test("a sealed key that was moved to another row does not open", () => {
  const seal = createKeySeal([first]);
  const sealed = seal.seal("sk-key-of-a-place", place);
  for (const moved of [{ tenant: "discord:guild:2" }, { service: "tokenhub" }, { id: "k2" }]) {
    expect(seal.open(sealed, { ...place, ...moved })).toBeUndefined();
  }
});

test("nothing opens that was changed, cut off or sealed under another secret", () => {
  const seal = createKeySeal([first]);
  const sealed = seal.seal("sk-key-of-a-place", place);
  const bytes = Buffer.from(sealed, "base64url");
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(seal.open(changed.toString("base64url"), place)).toBeUndefined();
    expect(seal.open(bytes.subarray(0, at).toString("base64url"), place)).toBeUndefined();
  }
  expect(createKeySeal([second]).open(sealed, place)).toBeUndefined();
});

test("a new secret put before the old one seals, and both open", () => {
  const old = createKeySeal([first]).seal("sk-old", place);
  const both = createKeySeal([second, first]);
  expect(both.open(old, place)).toBe("sk-old");
  const fresh = both.seal("sk-new", place);
  expect(both.open(fresh, place)).toBe("sk-new");
  expect(createKeySeal([second]).open(fresh, place)).toBe("sk-new");
  expect(createKeySeal([first]).open(fresh, place)).toBeUndefined();
});
