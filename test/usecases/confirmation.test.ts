import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller, Confirmation, Order } from "../../src/contract/usecases.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { withOrders } from "../support/orders.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../worker/spool-clock.ts";

const minuteMs = 60_000;
const dear = { kind: "draft" as const, draft: { prompt: "a red bicycle", count: 5, quality: "high" } };
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const jobs = async () => house.usecases.history(house.caller(), { limit: 100 });
const untouched = { available: 5000, held: 0 };

async function asked(order: Order = dear, caller: Caller = house.caller()): Promise<Confirmation> {
  const confirmation = await house.usecases.ask(order, caller);
  if (!confirmation) throw new Error("nothing was asked");
  return confirmation;
}

async function photo() {
  const file = path.join(house.folder, "hat.png");
  const create = { width: 64, height: 64, channels: 3, background: "#46b" } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  return { filename: "hat.png", source: { path: file } };
}

test("what is above the limit is asked about with its price, and nothing is held or queued", async () => {
  const { request, quote } = await asked();
  expect(request).toMatchObject({ prompt: "a red bicycle", count: 5, quality: "high" });
  expect(quote).toMatchObject({ total: 625, available: 5000, after: 4375 });
  expect(await house.balance()).toEqual(untouched);
  expect(await jobs()).toEqual([]);
});

test("what is not above the limit is not asked about", async () => {
  expect(
    await house.usecases.ask({ kind: "draft", draft: { prompt: "a cat", count: 4 } }, house.caller()),
  ).toBeUndefined();
  await house.usecases.changeSettings({ confirmAbove: 124 }, house.caller());
  expect(await house.usecases.ask({ kind: "draft", draft: { prompt: "a cat" } }, house.caller())).toBeDefined();
});

test("yes makes one job however often it is said, also by another process, and also at the same time", async () => {
  const { id } = await asked();
  const restarted = withOrders(createUseCases(house.context));
  const made = await Promise.all([
    house.usecases.confirm(id, house.caller()),
    restarted.confirm(id, house.caller()),
    restarted.confirm(id, house.caller()),
  ]);
  expect(new Set(made.map((job) => job.id)).size).toBe(1);
  expect(await jobs()).toHaveLength(1);
  expect(await house.balance()).toEqual({ available: 4375, held: 625 });
});

test("what was asked for is made, whatever the member set since, where yes was said", async () => {
  const { id } = await asked();
  await house.usecases.changeSettings({ size: "2048x2048", private: true }, house.caller());
  const job = await house.usecases.confirm(
    id,
    house.caller("member-1", { replyTarget: '{"new":true}', tenant: "elsewhere" }),
  );
  expect(job).toMatchObject({ replyTarget: '{"new":true}', tenant: "guild", held: 625 });
  expect(job.request).toMatchObject({ prompt: "a red bicycle", count: 5, quality: "high", private: false });
  expect(job.request.size).not.toMatchObject({ width: 2048 });
});

test("the same event asks the same question, and once it is answered with yes, it gives its job", async () => {
  const caller = house.caller();
  const [first, second] = [await asked(dear, caller), await asked(dear, caller)];
  expect(second.id).toBe(first.id);
  const job = await house.usecases.confirm(first.id, house.caller());
  expect(await house.usecases.ask(dear, caller)).toBeUndefined();
  expect((await house.usecases.imagine(dear.draft, caller)).id).toBe(job.id);
});

test("images to start from are kept for as long as the question is open", async () => {
  const image = await photo();
  const { id } = await asked({ kind: "draft", draft: { ...dear.draft, images: [image] } });
  rmSync(image.source.path);
  house.world.advance(-5 * minuteMs); // the first of many files is older than the question
  setFileTimes(house);
  house.world.advance(64 * minuteMs);
  await sweepOnce(house.context);
  await house.work();
  const job = await house.end(await house.usecases.confirm(id, house.caller()));
  expect(job).toMatchObject({ state: "delivered", charged: 625 });
  expect(house.provider.sent[0]?.references).toHaveLength(1);
});

test("files of a question that nobody answered are deleted, and so is its prompt", async () => {
  await asked({ kind: "draft", draft: { ...dear.draft, images: [await photo()] } });
  expect(spoolFiles(house)).toHaveLength(1);
  setFileTimes(house);
  house.world.advance(61 * minuteMs);
  await sweepOnce(house.context);
  house.world.advance(61 * minuteMs);
  await sweepOnce(house.context);
  expect(spoolFiles(house)).toEqual([]);
  const kept = await house.database.db.selectFrom("confirmation").select("document").execute();
  expect(JSON.stringify(kept)).not.toContain("bicycle");
});

test("an edit is asked about with its parent, and made from its images", async () => {
  await house.work();
  const parent = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
  const of = { job: parent.id, index: 0 };
  const { id, request } = await asked({ kind: "edit", of, draft: { prompt: "in oil", count: 5 } });
  expect(request.references).toEqual(parent.images);
  expect(await house.usecases.confirm(id, house.caller())).toMatchObject({ parent: parent.id, held: 625 });
});

test("again, vary and upscale are asked about above the limit", async () => {
  await house.work();
  const parent = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
  const of = { job: parent.id, index: 0 };
  expect(await house.usecases.ask({ kind: "vary", of }, house.caller())).toBeUndefined();
  await house.usecases.changeSettings({ confirmAbove: 200 }, house.caller());
  const { id, quote } = await asked({ kind: "upscale", of });
  expect(quote.total).toBe(250);
  expect(await house.usecases.confirm(id, house.caller())).toMatchObject({ parent: parent.id, held: 250 });
});

test("no makes nothing and closes the question; after a yes it says so", async () => {
  const [refused, taken] = [await asked(), await asked()];
  await house.usecases.reject(refused.id, house.caller());
  const late = house.usecases.confirm(refused.id, house.caller());
  await expect(late).rejects.toMatchObject({ code: "confirmation-closed" });
  expect(await jobs()).toEqual([]);
  await house.usecases.confirm(taken.id, house.caller());
  const regret = house.usecases.reject(taken.id, house.caller());
  await expect(regret).rejects.toMatchObject({ code: "confirmation-answered" });
  expect(await jobs()).toHaveLength(1);
});

test("only who was asked may answer", async () => {
  const { id } = await asked();
  const other = house.caller("member-2");
  for (const answer of [house.usecases.confirm(id, other), house.usecases.reject(id, other)]) {
    await expect(answer).rejects.toMatchObject({ code: "confirmation-not-yours" });
  }
  expect(await house.balance()).toEqual(untouched);
  expect((await house.usecases.confirm(id, house.caller())).member).toBe("member-1");
});

test("a question closes after an hour", async () => {
  const [{ id: inTime }, { id: late }] = [await asked(), await asked()];
  house.world.advance(60 * minuteMs - 1);
  expect((await house.usecases.confirm(inTime, house.caller())).held).toBe(625);
  house.world.advance(1);
  await expect(house.usecases.confirm(late, house.caller())).rejects.toMatchObject({ code: "confirmation-closed" });
  expect(await jobs()).toHaveLength(1);
});

test("yes never costs more than was told", async () => {
  const { id } = await asked();
  Object.assign(house.provider, { price: () => 126 });
  const risen = house.usecases.confirm(id, house.caller());
  await expect(risen).rejects.toMatchObject({ code: "price-risen", facts: { confirmed: 625, total: 630 } });
  expect(await house.balance()).toEqual(untouched);
  Object.assign(house.provider, { price: () => 100 });
  expect((await house.usecases.confirm(id, house.caller())).held).toBe(500);
});

test("what the credits do not suffice for is refused instead of asked about", async () => {
  const order = { kind: "draft" as const, draft: { prompt: "a wall", count: 10, size: "3840x2160" } };
  await asked(order);
  await house.usecases.imagine({ prompt: "a cat" }, house.caller());
  const refused = house.usecases.ask(order, house.caller());
  await expect(refused).rejects.toMatchObject({ code: "not-enough-credits", facts: { needed: 5000, available: 4875 } });
});

test("nothing is made from what was deleted in between", async () => {
  await house.work();
  const parent = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
  const { id } = await asked({ kind: "edit", of: { job: parent.id }, draft: { prompt: "in oil", count: 5 } });
  await house.usecases.remove(parent.id, house.caller());
  await expect(house.usecases.confirm(id, house.caller())).rejects.toMatchObject({ code: "job-erased" });
});

test("who has all data deleted is asked nothing any more", async () => {
  const [{ id: mine }, { id: other }] = [await asked(), await asked(dear, house.caller("member-2"))];
  await house.usecases.deleteData(house.caller());
  await expect(house.usecases.confirm(mine, house.caller())).rejects.toMatchObject({ code: "confirmation-closed" });
  expect(await house.usecases.confirm(other, house.caller("member-2"))).toMatchObject({ held: 625 });
});
