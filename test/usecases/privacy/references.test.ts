import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../../src/contract/usecases.ts";
import { sweepOnce } from "../../../src/usecases/privacy/retention.ts";
import { photo } from "../../images/samples.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../../worker/spool-clock.ts";

const dayMs = 86_400_000;
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const boss = () => house.caller("boss", { rights: "admin" });
const other = () => house.caller("member-2");
const draw = (prompt: string, caller: Caller = house.caller()) => house.usecases.imagine({ prompt }, caller);
const names = async (caller: Caller) => (await house.usecases.references.list(caller)).map(({ name }) => name);

async function save(name: string, caller: Caller, shared = false) {
  const file = path.join(house.folder, "photo.png");
  writeFileSync(file, await photo().png().toBuffer());
  const images = [{ filename: "photo.png", source: { path: file } }];
  return house.usecases.references.save({ name, shared, images }, caller);
}

async function later(days: number): Promise<void> {
  setFileTimes(house);
  house.world.advance(days * dayMs);
  await sweepOnce(house.context);
}

test("a member's saved images are exported with their files, and deleted with everything else", async () => {
  await save("fox", house.caller());
  await save("logo", boss(), true);
  await save("den", house.caller("member-1", { tenant: "another guild" }));
  const { document, images } = await house.usecases.exportData(house.caller());
  const { savedImages } = JSON.parse(document.join("")) as { savedImages: { image: string }[] };
  expect(savedImages).toMatchObject([
    { name: "den", tenant: "another guild" },
    { name: "fox", tenant: house.caller().tenant },
  ]);
  expect(savedImages.map(({ image }) => image)).toEqual([images[0]?.name, images[0]?.name]);
  await house.usecases.deleteData(house.caller());
  expect(await names(house.caller())).toEqual(["logo"]);
  expect(await names(house.caller("member-1", { tenant: "another guild" }))).toEqual([]);
  await house.usecases.references.remove({ name: "logo" }, boss());
  await later(2);
  expect(spoolFiles(house)).toEqual([]);
});

test("what others saved of a member's results goes when the result, or everything, is deleted", async () => {
  await house.work();
  const [first, second] = [await house.end(await draw("a fox")), await house.end(await draw("a cat"))];
  const { references } = house.usecases;
  await references.save({ name: "mine", of: { job: first.id } }, house.caller());
  await references.save({ name: "fox", of: { job: first.id } }, other());
  await references.save({ name: "cat", of: { job: second.id } }, other());
  await references.save({ name: "house-cat", shared: true, of: { job: second.id } }, boss());
  await house.usecases.remove(first.id, house.caller());
  expect(await names(other())).toEqual(["cat", "house-cat"]);
  expect(await names(house.caller())).toEqual(["mine", "house-cat"]);
  await house.usecases.deleteData(house.caller());
  expect(await names(other())).toEqual([]);
  await later(2);
  expect(spoolFiles(house)).toEqual([]);
});

test("a saved result outlives the days that prompts and results are kept, and is drawn from", async () => {
  await house.work();
  const made = await house.end(await draw("a fox"));
  await house.usecases.references.save({ name: "fox", of: { job: made.id } }, other());
  await save("photo", other());
  await later(40);
  expect((await house.usecases.job(made.id, house.caller())).images).toEqual([]);
  const job = await house.end(await draw("@fox and @photo", other()));
  expect(job).toMatchObject({ state: "delivered", request: { references: [{}, {}] } });
});

test("a removed one stays until the job that waits with it has ended, and then goes", async () => {
  await save("fox", house.caller());
  const waiting = await draw("@fox");
  await house.usecases.references.remove({ name: "fox" }, house.caller());
  await later(2);
  await house.work();
  expect(await house.end(waiting)).toMatchObject({ state: "delivered" });
  await house.usecases.deleteData(house.caller());
  await later(2);
  expect(spoolFiles(house)).toEqual([]);
});

test("the names that a prompt held go with the prompt", async () => {
  await save("fox", house.caller());
  await house.work();
  const made = await house.end(await draw("@fox and \\@me and @nobody"));
  expect(made.changes.map(({ code }) => code)).toEqual(["references-named", "names-unknown"]);
  await house.usecases.remove(made.id, house.caller());
  const erased = await house.usecases.job(made.id, house.caller());
  expect(erased.changes).toEqual([]);
  expect(JSON.stringify(erased)).not.toMatch(/fox|nobody/);
});

test("an admin who is forgotten leaves an image to the place, and no name in it", async () => {
  await save("logo", boss(), true);
  await house.usecases.deleteData(boss());
  await later(2);
  const [row] = await house.database.db.selectFrom("named_reference").selectAll().execute();
  expect(row).toMatchObject({ member: expect.stringMatching(/^erased:/), author: null });
  expect((await draw("@logo")).request.references).toHaveLength(1);
});

test("everything that was saved in a place that is gone is deleted as the retention says", async () => {
  await save("logo", boss(), true);
  await save("fox", house.caller());
  await house.usecases.tenantGone(boss().tenant);
  await later(40);
  expect(await names(house.caller())).toEqual([]);
});

test("saved images count against their member's storage, results too", async () => {
  await house.close();
  house = await openRoom({ uploadQuota: { hourlyBytes: 1e9, storedBytes: 1 } });
  await save("fox", house.caller());
  await house.work();
  const made = await house.end(await draw("a cat"));
  const { references } = house.usecases;
  const full = { code: "storage-quota" };
  await expect(references.save({ name: "cat", of: { job: made.id } }, house.caller())).rejects.toMatchObject(full);
  await references.remove({ name: "fox" }, house.caller());
  await references.save({ name: "cat", of: { job: made.id } }, house.caller());
  await expect(save("fox", house.caller())).rejects.toMatchObject(full);
});
