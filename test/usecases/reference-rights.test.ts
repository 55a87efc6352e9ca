import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller, NewSavedImage } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { spoolFiles } from "../worker/spool-clock.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const boss = () => house.caller("boss", { rights: "admin" });
const other = () => house.caller("member-2");
const elsewhere = (member = "member-1") => house.caller(member, { tenant: "another guild" });
const draw = (prompt: string, caller = house.caller()) => house.usecases.imagine({ prompt }, caller);
const { fox, logo } = { fox: "#aa3300", logo: "#0033aa" };

async function save(name: string, colour: string, given: Partial<NewSavedImage> = {}, caller: Caller = house.caller()) {
  const file = path.join(house.folder, `${colour.slice(1)}.png`);
  const create = { width: 64, height: 64, channels: 3, background: colour } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  const images = [{ filename: "a.png", source: { path: file } }];
  return house.usecases.references.save({ name, images, ...given }, caller);
}

describe("a member's own", () => {
  test("is for the member alone; to others it does not exist", async () => {
    await save("fox", fox);
    const job = await draw("@fox", other());
    expect(job).toMatchObject({ request: { references: [] }, changes: [{ code: "names-unknown", names: ["fox"] }] });
    const missing = await draw("@cat", other());
    expect(missing.changes).toEqual([{ code: "names-unknown", names: ["cat"] }]);
    expect((await draw("@fxo", other())).changes).toEqual([{ code: "names-unknown", names: ["fxo"] }]);
    for (const name of ["fox", "cat"]) {
      const unknown = { code: "reference-unknown", facts: { name, known: [] } };
      await expect(house.usecases.references.show({ name }, other())).rejects.toMatchObject(unknown);
      await expect(house.usecases.references.remove({ name }, boss())).rejects.toMatchObject(unknown);
    }
    expect(await house.usecases.references.list(other())).toEqual([]);
  });

  test("is for the place where it was saved", async () => {
    await save("fox", fox);
    expect((await draw("@fox", elsewhere())).request.references).toEqual([]);
    await save("fox", logo, {}, elsewhere());
    const [here, there] = [await draw("@fox"), await draw("@fox", elsewhere())];
    expect(here.request.references[0]?.sha256).not.toBe(there.request.references[0]?.sha256);
  });

  test("is in no job that somebody else makes of an image of it", async () => {
    await save("fox", fox);
    await house.work();
    const made = await house.end(await draw("@fox at night"));
    const again = house.usecases.again(made.id, other());
    await expect(again).rejects.toMatchObject({ code: "reference-not-yours", facts: { names: ["fox"] } });
    const varied = await house.usecases.vary({ job: made.id }, other());
    const edited = await house.usecases.edit({ job: made.id }, { prompt: "@fox by day" }, other());
    for (const { request } of [varied, edited]) {
      expect(request.references.map(({ sha256 }) => sha256)).toEqual([made.images[0]?.sha256]);
      expect(request).not.toHaveProperty("named");
    }
    expect((await house.usecases.again(made.id, house.caller())).request.references).toHaveLength(1);
  });
});

describe("one of the place", () => {
  test("is for everybody there, and nowhere else, also not by repeating a job", async () => {
    await save("logo", logo, { shared: true }, boss());
    await house.work();
    const made = await house.end(await draw("@logo on a mug", other()));
    expect(made.request.named).toEqual([{ name: "logo", shared: true, place: 0 }]);
    expect((await draw("@logo on a mug", elsewhere())).request.references).toEqual([]);
    expect((await house.usecases.again(made.id, house.caller())).request.references).toHaveLength(1);
    const again = house.usecases.again(made.id, elsewhere("member-2"));
    await expect(again).rejects.toMatchObject({ code: "reference-not-yours" });
  });

  test("gives way to an own one of the same name, which the list tells", async () => {
    await save("Logo", logo, { shared: true }, boss());
    await save("logo", fox);
    expect((await draw("@logo")).request.named).toEqual([{ name: "logo", shared: false, place: 0 }]);
    expect((await draw("@logo", other())).request.named).toEqual([{ name: "Logo", shared: true, place: 0 }]);
    const { references } = house.usecases;
    expect(await references.list(house.caller())).toMatchObject([
      { name: "logo", shared: false },
      { name: "Logo", shared: true, hidden: true },
    ]);
    expect(await references.names(house.caller())).toEqual(["logo"]);
    expect(await references.show({ name: "logo", shared: true }, house.caller())).toMatchObject({ name: "Logo" });
    await references.remove({ name: "@LOGO" }, house.caller());
    expect((await draw("@logo")).request.named).toMatchObject([{ name: "Logo" }]);
  });

  test("is saved and removed by admins alone, which the audit log tells", async () => {
    const refused = { code: "admins-only" };
    await expect(save("logo", logo, { shared: true })).rejects.toMatchObject(refused);
    expect(spoolFiles(house)).toEqual([]);
    await save("logo", logo, { shared: true }, boss());
    await expect(house.usecases.references.remove({ name: "logo" }, other())).rejects.toMatchObject(refused);
    await house.usecases.references.remove({ name: "logo" }, boss());
    const log = await house.usecases.admin.auditLog(10, boss());
    expect(log.map(({ name, subject }) => [name, subject])).toEqual([
      ["reference-remove", "logo"],
      ["reference-save", "logo"],
    ]);
  });
});

describe("an image to save", () => {
  test("is one of a result, also of somebody else's that is to be seen, by its number", async () => {
    await house.work();
    const made = await house.end(await house.usecases.imagine({ prompt: "a fox", count: 2 }, house.caller()));
    const { references } = house.usecases;
    await references.save({ name: "first", of: { job: made.id } }, other());
    await references.save({ name: "second", of: { job: made.id, index: 1 } }, other());
    await references.save({ name: "chosen", of: { job: made.id }, number: 2 }, other());
    const { request } = await draw("@first @second @chosen", other());
    const [a, b] = made.images.map(({ sha256 }) => sha256);
    expect(request.references.map(({ sha256 }) => sha256)).toEqual([a, b, b]);
    await expect(references.save({ name: "x", of: { job: made.id }, number: 3 }, other())).rejects.toMatchObject({
      code: "image-number-unknown",
      facts: { number: 3, count: 2 },
    });
  });

  test("is none of a private result of somebody else", async () => {
    await house.work();
    const made = await house.end(await house.usecases.imagine({ prompt: "a fox", private: true }, house.caller()));
    const saved = house.usecases.references.save({ name: "fox", of: { job: made.id } }, other());
    await expect(saved).rejects.toMatchObject({ code: "job-unknown" });
  });

  test("takes the place of the one of that name, in any case", async () => {
    await save("fox", fox);
    await save("FOX", logo);
    expect(await house.usecases.references.list(house.caller())).toMatchObject([{ name: "FOX" }]);
  });

  test("is refused by its name or its content, and leaves nothing", async () => {
    await expect(save("two words", fox)).rejects.toMatchObject({ code: "reference-name" });
    const file = path.join(house.folder, "words.png");
    writeFileSync(file, "no image");
    const words = [{ filename: "words.png", source: { path: file } }];
    await expect(save("fox", fox, { images: words })).rejects.toMatchObject({ code: "image-format" });
    await expect(save("fox", fox, { images: [] })).rejects.toMatchObject({ code: "job-has-no-images" });
    expect(spoolFiles(house)).toEqual([]);
  });

  test("finds 50 places for a member and 200 for everybody", async () => {
    await save("last", fox);
    await save("shared", fox, { shared: true }, boss());
    await fill("member:member-1", 49);
    await fill(`tenant:${boss().tenant}`, 199);
    const full = (limit: number, shared: boolean) => ({ code: "too-many-saved-images", facts: { limit, shared } });
    await expect(save("more", logo)).rejects.toMatchObject(full(50, false));
    await expect(save("more", logo, { shared: true }, boss())).rejects.toMatchObject(full(200, true));
    await save("LAST", logo);
    await save("more", logo, {}, other());
  });
});

/** Copies the saved image of that owner under so many other names. */
async function fill(owner: string, count: number): Promise<void> {
  const { db } = house.database;
  const [row] = await db.selectFrom("named_reference").selectAll().where("owner", "=", owner).execute();
  if (!row) throw new Error("there is none to copy");
  const names = Array.from({ length: count }, (_, n) => `copy-${n}`);
  const rows = names.map((name) => ({ ...row, name, folded_name: name }));
  await db.insertInto("named_reference").values(rows).execute();
}
