import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BatchView, type Draft, isFinal } from "../../src/contract/usecases.ts";
import { textFor } from "../../src/text/text.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
  for (const [name, colour] of [
    ["fox", "#aa3300"],
    ["bear", "#0033aa"],
  ] as const) {
    await house.usecases.references.save({ name, images: [await picture(colour)] }, house.caller());
  }
});
afterEach(() => house.close());

async function picture(background: string) {
  const file = path.join(house.folder, `${background.slice(1)}.png`);
  const create = { width: 64, height: 64, channels: 3, background } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  return { filename: `${background}.png`, source: { path: file } };
}

const draft: Draft = { prompt: "{@fox, @bear} in snow, for @zebra" };

async function asked(given: Partial<Draft> = {}) {
  const confirmation = await house.usecases.ask({ kind: "draft", draft: { ...draft, ...given } }, house.caller());
  if (!confirmation) throw new Error("nothing was asked");
  return confirmation;
}

async function made(id: string): Promise<BatchView> {
  const submitted = await house.usecases.submit({ kind: "confirmation", id }, house.caller());
  if (submitted.kind !== "batch") throw new Error("no batch came of it");
  for await (const view of house.usecases.batches.watch(submitted.batch.id, new AbortController().signal)) {
    if (view.parts.every(({ state }) => isFinal(state))) return view;
  }
  throw new Error("watching ended before the batch did");
}

const notes = [
  {
    code: "references-named",
    references: [
      { name: "fox", shared: false },
      { name: "bear", shared: false },
    ],
  },
  { code: "names-unknown", names: ["zebra"] },
];

test("a batch is priced, and asked about, with all saved images that its prompts name", async () => {
  expect((await house.usecases.quote(draft, house.caller())).changes).toEqual(notes);
  const confirmation = await asked();
  expect(confirmation.quote.changes).toEqual(notes);
  for (const [locale, sentence] of [
    ["en", "Starts from @fox (yours), @bear (yours)."],
    ["zh-CN", "以 @fox（您的）、@bear（您的）为起点。"],
  ] as const) {
    expect(textFor(locale).confirmation(confirmation).paragraphs).toContain(sentence);
  }
});

test("each part starts from the image that its own prompt names, and the whole sentence from all of them", async () => {
  const images = [await picture("#33aa00")];
  const confirmation = await asked({ images });
  const { references = [], named } = confirmation.words?.asWritten?.request ?? {};
  expect(new Set(references.map(({ file }) => file)).size).toBe(3);
  expect(references.every(({ file }) => file.startsWith("inputs/"))).toBe(true);
  expect(named).toMatchObject([
    { name: "fox", place: 1 },
    { name: "bear", place: 2 },
  ]);
  await house.work();
  const { parts } = await made(confirmation.id);
  expect(parts.map(({ request }) => request.named)).toMatchObject([[{ name: "fox" }], [{ name: "bear" }]]);
  expect(new Set(parts.map(({ request }) => request.references[1]?.sha256)).size).toBe(2);
  expect(parts.map(({ changes }) => changes[0])).toMatchObject([
    { references: [{ name: "fox" }] },
    { references: [{ name: "bear" }] },
  ]);
  expect(house.provider.sent.map(({ prompt }) => prompt).toSorted()).toEqual([
    "@bear in snow, for @zebra\n\nImage 2: @bear",
    "@fox in snow, for @zebra\n\nImage 2: @fox",
  ]);
});

test("an image of a batch is saved by its number in the whole, and the batch is repeated by its member alone", async () => {
  await house.work();
  const { id, parts } = await made((await asked()).id);
  const { references } = house.usecases;
  await references.save({ name: "second", of: { job: id, numbered: true }, number: 2 }, house.caller());
  const drawn = await house.usecases.imagine({ prompt: "@second" }, house.caller());
  expect(drawn.request.references.map(({ sha256 }) => sha256)).toEqual([parts[1]?.images[0]?.sha256]);
  const third = references.save({ name: "third", of: { job: id, numbered: true }, number: 3 }, house.caller());
  await expect(third).rejects.toMatchObject({ code: "image-number-unknown", facts: { number: 3, count: 2 } });
  const again = house.usecases.submit({ kind: "batch-again", of: { job: id } }, house.caller("member-2"));
  await expect(again).rejects.toMatchObject({ code: "reference-not-yours", facts: { names: ["fox"] } });
});
