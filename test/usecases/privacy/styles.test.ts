import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sweepOnce } from "../../../src/usecases/privacy/retention.ts";
import { photo } from "../../images/samples.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { spoolFiles } from "../../worker/spool-clock.ts";

const dayMs = 86_400_000;
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const boss = () => house.caller("boss", { rights: "admin" });

async function logo() {
  const file = path.join(house.folder, "logo.png");
  writeFileSync(file, await photo().png().toBuffer());
  return { filename: "logo.png", source: { path: file } };
}

test("a member's styles are exported with their images, and deleted with everything else", async () => {
  await house.usecases.styles.save({ name: "logo", before: "secret words", images: [await logo()] }, house.caller());
  await house.usecases.styles.save({ name: "house", before: "our", shared: true }, boss());
  const { document, images } = await house.usecases.exportData(house.caller());
  const [image] = images;
  expect(JSON.parse(document.join(""))).toMatchObject({
    styles: [{ name: "logo", before: "secret words", references: [image?.name] }],
  });
  await house.usecases.deleteData(house.caller());
  expect((await house.usecases.styles.list(house.caller())).map(({ name }) => name)).toEqual(["house"]);
  expect(spoolFiles(house)).toEqual([]);
});

test("an admin who is forgotten leaves a style to the place, and no name in it", async () => {
  await house.usecases.styles.save({ name: "house", images: [await logo()], shared: true }, boss());
  const senders = async () => {
    const inputs = await house.database.db.selectFrom("style_input").select("member").execute();
    return inputs.map(({ member }) => member);
  };
  expect(await senders()).toEqual(["boss"]);
  await house.usecases.deleteData(boss());
  house.world.advance(2 * dayMs);
  await sweepOnce(house.context);
  expect(await senders()).toEqual([expect.stringMatching(/^erased:/)]);
  expect(
    (await house.usecases.imagine({ prompt: "a fox", style: "house" }, house.caller())).request.references,
  ).toHaveLength(1);
});

test("the styles of a place that is gone are deleted as the retention says", async () => {
  await house.usecases.styles.save({ name: "house", before: "our", shared: true }, boss());
  await house.usecases.styles.setDefault({ name: "house" }, boss());
  await house.usecases.tenantGone(boss().tenant);
  house.world.advance(40 * dayMs);
  await sweepOnce(house.context);
  expect(await house.usecases.styles.list(house.caller())).toEqual([]);
  expect(await house.database.db.selectFrom("style_default").selectAll().execute()).toEqual([]);
});
