import { expect, test } from "vitest";
import { fakeImage } from "../../support/fake-references.ts";
import { openRoom, type TestPlatform } from "./test-platform.ts";

type Where = Parameters<TestPlatform["discord"]["type"]>[4];

async function suggested({ discord }: TestPlatform, option: string, typed: string, where: Where = {}) {
  const asked = discord.type(discord.user("ana"), "imagine", option, typed, where);
  return (await discord.until(() => asked.choices, "suggestions")).map(({ name, value }) => [name, value]);
}

test("offers every tier and usual shape that a service can make, each with its price", async () => {
  const room = await openRoom();
  const sizes = await suggested(room, "size", "");
  expect(sizes.slice(0, 2)).toEqual([
    ["auto · 125 credits", "auto"],
    ["1K 1:1 · 80 credits", "1K 1:1"],
  ]);
  expect(sizes).toContainEqual(["4K 16:9 · 500 credits", "4K 16:9"]);
  expect(sizes.map(([, value]) => value)).not.toContain("2K 21:9");
  expect(sizes.length).toBeLessThanOrEqual(25);
  expect(room.discord.violations).toEqual([]);
});

test("prices the request as far as it is filled in", async () => {
  const room = await openRoom();
  const sizes = await suggested(room, "size", "2k 16:9", { others: { count: 3, provider: "tokenhub" } });
  expect(sizes).toEqual([["2K 16:9 · 375 credits", "2K 16:9"]]);
  expect(await suggested(room, "size", "2k 16:9", { others: { provider: "sandbox" } })).toEqual([]);
});

test("takes any size that can be made, with its price, and suggests nothing for what is none", async () => {
  const room = await openRoom();
  expect(await suggested(room, "size", "2048x1152")).toEqual([["2048x1152 · 125 credits", "2048x1152"]]);
  expect(await suggested(room, "size", "2K 21:9")).toEqual([]);
  expect(await suggested(room, "size", "huge")).toEqual([]);
  expect(await suggested(room, "size", "x".repeat(300))).toEqual([]);
});

test("speaks the member's language", async () => {
  const room = await openRoom();
  expect(await suggested(room, "size", "4k 1:1", { locale: "zh-CN" })).toEqual([["4K 1:1 · 500 点", "4K 1:1"]]);
});

test("offers the services with their prices, and with a word for those that cannot", async () => {
  const room = await openRoom();
  expect(await suggested(room, "provider", "", { others: { count: 2 } })).toEqual([
    ["TokenHub: 250 credits", "tokenhub"],
    ["Sandbox: cannot do this as asked", "sandbox"],
  ]);
});

test("asks nobody but the use cases, and of them only for prices", async () => {
  const room = await openRoom();
  await suggested(room, "size", "");
  expect(room.usecases.asked).toEqual([]);
  expect(room.discord.requests.filter(({ method, path }) => method === "GET" && path.includes("channels"))).toEqual([]);
});

test("offers the styles that the member can draw in, and what was typed of it", async () => {
  const room = await openRoom();
  for (const name of ["noir", "Oil"]) {
    room.usecases.styles.known.set(name.toLowerCase(), { name, shared: false, references: 0 });
  }
  expect(await suggested(room, "style", "")).toEqual([
    ["noir", "noir"],
    ["Oil", "Oil"],
  ]);
  expect(await suggested(room, "style", "oil")).toEqual([["Oil", "Oil"]]);
  expect(room.discord.violations).toEqual([]);
});

test("offers the saved images that the member can start from", async () => {
  const room = await openRoom();
  const { discord, usecases } = room;
  const facts = { image: fakeImage, savedAt: 0 };
  for (const name of ["Fox", "logo"])
    usecases.references.known.set(name.toLowerCase(), { name, shared: false, ...facts });
  for (const [typed, choices] of [
    ["", ["Fox", "logo"]],
    ["@fo", ["Fox"]],
  ] as const) {
    const asked = discord.type(discord.user("ana"), "reference show", "name", typed);
    const offered = await discord.until(() => asked.choices, "suggestions");
    expect(offered.map(({ name, value }) => [name, value])).toEqual(choices.map((name) => [`@${name}`, name]));
  }
});
