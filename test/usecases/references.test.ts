import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller, Draft, JobView, NewSavedImage } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { spoolFiles } from "../worker/spool-clock.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const boss = () => house.caller("boss", { rights: "admin" });
const other = () => house.caller("member-2");
const draw = (prompt: string, draft: Partial<Draft> = {}, caller = house.caller()) =>
  house.usecases.imagine({ prompt, ...draft }, caller);
const hashes = ({ request }: JobView) => request.references.map(({ sha256 }) => sha256);

async function picture(background: string) {
  const file = path.join(house.folder, `${background.slice(1)}.png`);
  const create = { width: 64, height: 64, channels: 3, background } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  return { filename: `${background}.png`, source: { path: file } };
}

async function save(name: string, colour: string, given: Partial<NewSavedImage> = {}, caller: Caller = house.caller()) {
  return house.usecases.references.save({ name, images: [await picture(colour)], ...given }, caller);
}

async function hashOf(colour: string): Promise<string | undefined> {
  return hashes(await draw("a colour", { images: [await picture(colour)] }, house.caller("painter")))[0];
}

describe("a saved image that a prompt names", () => {
  test("is one of its references, behind those of the member, and the service is told which is which", async () => {
    expect(await save("Fox", "#aa3300")).toMatchObject({
      name: "Fox",
      shared: false,
      image: { width: 64, format: "png" },
    });
    await save("logo", "#0033aa", { shared: true }, boss());
    await house.work();
    const images = [await picture("#33aa00")];
    const job = await house.end(await draw("@LOGO beside ＠fox, and @fox again", { images }));
    expect(hashes(job)).toEqual([await hashOf("#33aa00"), await hashOf("#0033aa"), await hashOf("#aa3300")]);
    expect(job.request.prompt).toBe("@LOGO beside ＠fox, and @fox again");
    expect(job.changes).toEqual([
      {
        code: "references-named",
        references: [
          { name: "logo", shared: true },
          { name: "Fox", shared: false },
        ],
      },
    ]);
    expect(house.provider.sent[0]?.prompt).toBe(`${job.request.prompt}\n\nImage 2: @logo\nImage 3: @Fox`);
    expect(house.provider.sent[0]?.references).toEqual(job.request.references);
  });

  test("alone is sent without a word about it, and takes a mask", async () => {
    await save("fox", "#aa3300");
    await house.work();
    await house.end(await draw("@fox at night"));
    expect(house.provider.sent[0]?.prompt).toBe("@fox at night");
    const file = path.join(house.folder, "mask.png");
    const create = { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    writeFileSync(file, await sharp({ create }).png().toBuffer());
    const masked = await draw("@fox at night", { mask: { filename: "mask.png", source: { path: file } } });
    expect(masked.request.mask).toMatchObject({ width: 64, height: 64 });
  });

  test("is told with the price, and in the question before more is spent", async () => {
    await save("fox", "#aa3300");
    const caller = house.caller();
    const named = { code: "references-named", references: [{ name: "fox", shared: false }] };
    expect((await house.usecases.quote({ prompt: "@fox" }, caller)).changes).toEqual([named]);
    const asked = await house.usecases.ask({ kind: "draft", draft: { prompt: "@fox", count: 5 } }, caller);
    expect(asked?.quote.changes).toEqual([named]);
    await house.usecases.references.remove({ name: "fox" }, house.caller());
    const confirmed = await house.usecases.confirm(asked?.id ?? "", caller);
    expect(confirmed).toMatchObject({ changes: [named], request: { named: [{ name: "fox", place: 0 }] } });
  });

  test("is added to the image that an edit changes, and forgotten by the edit after that", async () => {
    await save("fox", "#aa3300");
    await house.work();
    const made = await house.end(await draw("a wood"));
    const edited = await house.end(
      await house.usecases.edit({ job: made.id }, { prompt: "with @fox" }, house.caller()),
    );
    expect(edited.request.named).toEqual([{ name: "fox", shared: false, place: 1 }]);
    const next = await house.usecases.edit({ job: edited.id }, { prompt: "at night" }, house.caller());
    expect(next.request.references).toHaveLength(1);
    expect(next.request).not.toHaveProperty("named");
    const varied = await house.usecases.vary({ job: edited.id }, house.caller());
    expect(varied.request).toMatchObject({ prompt: "with @fox" });
    expect(varied.request).not.toHaveProperty("named");
  });

  test("may stand in the words of a style", async () => {
    await save("logo", "#0033aa", { shared: true }, boss());
    await house.usecases.styles.save({ name: "house", after: "with @logo in a corner" }, house.caller());
    const job = await draw("a fox", { style: "house" });
    expect(job.request).toMatchObject({ prompt: "a fox with @logo in a corner", named: [{ name: "logo" }] });
    expect(hashes(job)).toEqual([await hashOf("#0033aa")]);
  });

  test("stays in the job as it was when it is changed or removed while that waits", async () => {
    await save("fox", "#aa3300");
    const job = await draw("@fox");
    await save("fox", "#0033aa");
    await house.usecases.references.remove({ name: "fox" }, house.caller());
    await house.work();
    expect(hashes(await house.end(job))).toEqual([await hashOf("#aa3300")]);
    expect(house.provider.sent[0]?.references).toHaveLength(1);
  });
});

describe("a word behind an @ that is no name", () => {
  test("stays a word, and that is told with the price", async () => {
    const unknown = { code: "names-unknown", names: ["zebra"] };
    const quote = await house.usecases.quote({ prompt: "a card for @zebra" }, house.caller());
    expect(quote).toMatchObject({ changes: [unknown], confirm: false });
    const job = await draw("a card for @zebra");
    expect(job).toMatchObject({ changes: [unknown], request: { prompt: "a card for @zebra", references: [] } });
  });

  test("is asked about where there are names that could be meant", async () => {
    await save("fox", "#aa3300");
    const caller = house.caller();
    const asked = await house.usecases.ask({ kind: "draft", draft: { prompt: "@zebra and @fox" } }, caller);
    expect(asked?.quote.changes).toMatchObject([{ code: "references-named" }, { names: ["zebra"] }]);
    const priced = await house.usecases.submit(
      { kind: "draft", draft: { prompt: "@zebra and @fox" } },
      house.caller(),
      { confirmed: true }, // the price was seen, of other words
    );
    expect(priced.kind).toBe("confirmation");
    expect((await house.balance()).held).toBe(0);
    expect((await house.usecases.confirm(asked?.id ?? "", caller)).request.references).toHaveLength(1);
    expect(await house.usecases.ask({ kind: "draft", draft: { prompt: "\\@zebra" } }, house.caller())).toBeUndefined();
  });

  test("is refused where it is nearly one, and nothing is spent or kept", async () => {
    await save("fox", "#aa3300");
    const kept = spoolFiles(house);
    const misspelt = draw("@fxo at night", { images: [await picture("#0033aa")] });
    await expect(misspelt).rejects.toMatchObject({
      code: "reference-misspelt",
      facts: { name: "fxo", similar: "fox" },
    });
    expect(spoolFiles(house)).toEqual(kept);
    expect((await draw("\\@fxo at night")).request).toMatchObject({ prompt: "@fxo at night", references: [] });
  });
});

test("the name of somebody who is mentioned is no saved image", async () => {
  await save("ada", "#aa3300");
  const asWritten = { prompt: "a portrait of @Ada, 2k", size: undefined };
  const draft = { prompt: "a portrait of @Ada", size: "2K", plainWords: ["@Ada"], asWritten };
  const asked = await house.usecases.ask({ kind: "draft", draft }, house.caller());
  expect(asked).toMatchObject({ request: { references: [] }, quote: { changes: [] } });
  expect(asked?.words?.asWritten?.request.references).toEqual([]);
});

describe("room for references", () => {
  test("is for 16 in all; the saved images that do not fit are named", async () => {
    for (const name of ["one", "two", "three"]) await save(name, "#aa3300");
    const images = await Promise.all(Array.from({ length: 14 }, () => picture("#33aa00")));
    const full = draw("@one @two @three", { images });
    await expect(full).rejects.toMatchObject({ code: "references-full", facts: { names: ["three"], max: 16 } });
    expect((await draw("@one @two", { images })).request.references).toHaveLength(16);
    const quoted = house.usecases.quote({ prompt: "@one @two" }, house.caller(), { references: 15, masked: false });
    await expect(quoted).rejects.toMatchObject({ facts: { names: ["two"] } });
  });

  test("is as much as the service has", async () => {
    await save("fox", "#aa3300");
    await save("logo", "#0033aa");
    const capabilities = house.provider.capabilities as { maxReferences: number };
    capabilities.maxReferences = 1;
    await expect(draw("@fox @logo")).rejects.toMatchObject({ facts: { names: ["logo"], max: 1 } });
    capabilities.maxReferences = 0;
    await expect(draw("@fox @logo")).rejects.toMatchObject({ facts: { names: ["fox", "logo"], max: 0 } });
  });
});

test("files and options that were read from the words leave each saved image in its place", async () => {
  await save("fox", "#aa3300");
  const asWritten = { prompt: "@fox, 2k", size: undefined };
  const draft = { prompt: "@fox", size: "2K", images: [await picture("#33aa00")], asWritten };
  const asked = await house.usecases.ask({ kind: "draft", draft }, house.caller());
  expect(asked?.words?.asWritten?.request.references.map(({ sha256 }) => sha256)).toEqual(
    asked?.request.references.map(({ sha256 }) => sha256),
  );
  expect(asked?.words?.asWritten?.quote.changes).toMatchObject([{ code: "references-named" }]);
});

test("the image of a member that is a saved one too keeps its place beside other names", async () => {
  await save("fox", "#aa3300");
  const job = await draw("@fox", { images: [await picture("#aa3300")] });
  expect(job.request.references).toHaveLength(2);
  await house.usecases.references.remove({ name: "fox" }, other()).catch(() => undefined);
  expect(await house.usecases.references.names(house.caller())).toEqual(["fox"]);
});
