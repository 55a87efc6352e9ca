import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { textFor } from "../../src/text/text.ts";
import { animation } from "../images/samples.ts";
import type { Script } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openRoom();
  await house.work();
});
afterEach(() => house.close());

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
const gif = await animation().gif().toBuffer();

/** A service that sends these files, whatever it was asked for. */
function sends(...files: readonly Uint8Array[]): Script {
  return async function* (_, context) {
    await context.beforeSend();
    for (const [index, bytes] of files.entries()) {
      const sink = await context.openImage(index);
      await sink.write(bytes);
      await sink.commit();
      yield { type: "image", index };
    }
    yield { type: "done", reference: "call-1" };
  };
}

async function imagine(count = 1) {
  return house.end(
    await house.usecases.imagine({ prompt: "a fox that runs", size: "1024x1024", count }, house.caller()),
  );
}

async function spent(): Promise<number> {
  const rows = await house.database.db.selectFrom("transfer").select("amount").where("kind", "=", "spend").execute();
  return rows.reduce((sum, { amount }) => sum + Number(amount), 0);
}

test("a GIF that a model makes is delivered byte for byte, at the quoted price", async () => {
  house.provider.scripts.push(sends(gif));
  const job = await imagine();
  const sha256 = createHash("sha256").update(gif).digest("hex");
  expect(job).toMatchObject({ state: "delivered", charged: 125 });
  expect(house.posted.at(-1)?.job.images).toMatchObject([{ format: "gif", sha256, bytes: gif.length }]);
});

test.each(["edit", "vary"] as const)("%s of a GIF begins with its first frame, as a PNG, and says so", async (how) => {
  house.provider.scripts.push(sends(gif));
  const of = { job: (await imagine()).id, index: 0 };
  const derived =
    how === "edit"
      ? await house.usecases.edit(of, { prompt: "at night" }, house.caller())
      : await house.usecases.vary(of, house.caller());
  expect(derived.changes).toEqual([{ code: "first-frame" }]);
  expect(derived.request.references).toMatchObject([{ format: "png", width: 10, height: 10, firstFrame: true }]);
  expect(await house.end(derived)).toMatchObject({ state: "delivered" });
  expect(house.provider.sent.at(-1)?.references).toMatchObject([{ format: "png" }]);
});

test("the confirmation of a dear edit says it, too, and its job starts with the same frame", async () => {
  house.provider.scripts.push(sends(gif));
  const of = { job: (await imagine()).id, index: 0 };
  await house.usecases.changeSettings({ confirmAbove: 1 }, house.caller());
  const question = await house.usecases.ask({ kind: "edit", of, draft: { prompt: "at night" } }, house.caller());
  expect(question?.quote.changes).toEqual([{ code: "first-frame" }]);
  const job = await house.usecases.confirm(question?.id ?? "", house.caller());
  expect(job.request.references).toMatchObject([{ format: "png", firstFrame: true }]);
  expect(job.changes).toEqual([{ code: "first-frame" }]);
});

test("an SVG is refused by its name: free for the member, and a cost of the operator", async () => {
  house.provider.scripts.push(sends(svg));
  const job = await imagine();
  expect(job).toMatchObject({ state: "failed", failure: { outcome: "damaged", format: "SVG" } });
  for (const locale of ["en", "zh-CN"]) {
    expect(textFor(locale).job(job).paragraphs?.join(" ")).toContain("SVG");
  }
  expect(await house.balance()).toMatchObject({ held: 0, available: 5000 });
  expect(await spent()).toBe(125);
});

test("an SVG beside an image costs the member only the image", async () => {
  house.provider.scripts.push(sends(gif, svg));
  const job = await imagine(2);
  expect(job).toMatchObject({ state: "delivered", charged: 125, images: [{ format: "gif" }] });
});
