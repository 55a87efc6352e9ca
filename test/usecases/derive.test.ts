import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { heldUp } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let made: JobView;

beforeEach(async () => {
  house = await openRoom();
  await house.work();
  made = await house.end(
    await house.usecases.imagine(
      { prompt: "a red bicycle", size: "2048x1152", quality: "high", count: 2 },
      house.caller(),
    ),
  );
});
afterEach(() => house.close());

const sha = (index: number) => made.images[index]?.sha256;

test("edits the chosen image, like it where the draft is silent", async () => {
  const view = await house.usecases.edit({ job: made.id, index: 1 }, { prompt: "make it blue" }, house.caller());
  expect(view).toMatchObject({ parent: made.id, held: 250 });
  expect(view.request).toMatchObject({
    prompt: "make it blue",
    size: { width: 2048, height: 1152 },
    quality: "high",
    count: 1,
  });
  expect(view.request.references.map(({ sha256 }) => sha256)).toEqual([sha(1)]);
  expect((await house.end(view)).state).toBe("delivered");
});

test("puts the member's own files after the images of the job, and fits a mask to the first", async () => {
  const file = path.join(house.folder, "hat.png");
  const size = { width: 300, height: 200, channels: 4 as const };
  writeFileSync(
    file,
    await sharp({ create: { ...size, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toBuffer(),
  );
  const attached = { filename: "hat.png", source: { path: file } };
  const draft = { prompt: "add the hat", images: [attached], mask: attached };
  const { request } = await house.usecases.edit({ job: made.id, index: 0 }, draft, house.caller());
  expect(request.references.map(({ width }) => width)).toEqual([2048, 300]);
  expect(request.mask).toMatchObject({ width: 2048, height: 1152 });
});

test("repeats a request, varies and enlarges an image", async () => {
  const again = await house.usecases.again(made.id, house.caller());
  expect(again.request).toEqual(made.request);
  const vary = await house.usecases.vary({ job: made.id, index: 1 }, house.caller());
  expect(vary.request).toMatchObject({ prompt: "a red bicycle", count: 1, references: [{ sha256: sha(1) }] });
  const upscale = await house.usecases.upscale({ job: made.id }, house.caller());
  expect(upscale).toMatchObject({
    tier: "4K",
    held: 500,
    request: { size: { width: 3840, height: 2160 }, fidelity: "high" },
  });
  const largest = await house.end(upscale);
  await expect(house.usecases.upscale({ job: largest.id }, house.caller())).rejects.toMatchObject({
    code: "already-largest",
  });
});

test("makes one job of a button pressed a hundred times in one event", async () => {
  const press = house.caller();
  const views = await Promise.all(Array.from({ length: 100 }, () => house.usecases.again(made.id, press)));
  expect(new Set(views.map(({ id }) => id)).size).toBe(1);
});

test("refuses an image that is not there", async () => {
  const of = (index: number) => house.usecases.vary({ job: made.id, index }, house.caller());
  await expect(of(2)).rejects.toMatchObject({ code: "job-has-no-images" });
  await expect(house.usecases.vary({ job: "none" }, house.caller())).rejects.toMatchObject({ code: "job-unknown" });
});

describe("who may", () => {
  const other = () => house.caller("member-2");
  const elsewhere = () => house.caller("member-2", { tenant: "another guild" });

  test("others may build on an open result in the same place, at their own cost", async () => {
    const view = await house.usecases.edit({ job: made.id }, { prompt: "now at night" }, other());
    expect(view.member).toBe("member-2");
    expect((await house.balance("member-2")).held).toBe(250);
  });

  test("nobody sees a private result, or one of another place", async () => {
    const hidden = await house.usecases.imagine({ prompt: "a secret", private: true }, house.caller());
    await expect(house.usecases.job(hidden.id, other())).rejects.toMatchObject({ code: "job-unknown" });
    await expect(house.usecases.again(made.id, elsewhere())).rejects.toMatchObject({ code: "job-unknown" });
    await expect(house.usecases.imageFile({ job: made.id, index: 0 }, elsewhere())).rejects.toMatchObject({
      code: "job-unknown",
    });
  });

  test("history is a member's own", async () => {
    expect((await house.usecases.history(house.caller(), { limit: 10 })).map(({ id }) => id)).toEqual([made.id]);
    expect(await house.usecases.history(other(), { limit: 10 })).toEqual([]);
  });
});

describe("cancelling", () => {
  test("takes a waiting job out and gives its credits back, once", async () => {
    const running = heldUp();
    house.provider.scripts.push(running);
    await house.usecases.again(made.id, house.caller());
    await running.sent;
    const waiting = await house.usecases.again(made.id, house.caller());
    const before = await house.balance();
    for (let times = 0; times < 2; times++) {
      expect((await house.usecases.cancel(waiting.id, house.caller())).state).toBe("cancelled");
    }
    expect(await house.balance()).toEqual({ available: before.available + 500, held: 500 });
    running.release();
  });

  test("is refused once the call was sent, and to anybody else", async () => {
    const running = heldUp();
    house.provider.scripts.push(running);
    const asked = await house.usecases.again(made.id, house.caller());
    await running.sent;
    await expect(house.usecases.cancel(asked.id, house.caller())).rejects.toMatchObject({ code: "too-late-to-cancel" });
    await expect(house.usecases.cancel(asked.id, house.caller("member-2"))).rejects.toMatchObject({
      code: "job-not-yours",
    });
    running.release();
    expect((await house.end(asked)).state).toBe("delivered");
  });
});

test("shows the states of a job as they come", async () => {
  const running = heldUp();
  house.provider.scripts.push(running);
  const asked = await house.usecases.again(made.id, house.caller());
  const states: string[] = [];
  for await (const { state } of house.usecases.watch(asked.id, new AbortController().signal)) {
    if (states.at(-1) !== state) states.push(state);
    if (state === "running") running.release();
  }
  expect(states.at(-1)).toBe("delivered");
  expect(states).toContain("running");
  await expect(
    house.usecases.watch("none", new AbortController().signal)[Symbol.asyncIterator]().next(),
  ).resolves.toMatchObject({ done: true });
});

test("quotes without holding anything", async () => {
  const before = await house.balance();
  const quote = await house.usecases.quote({ prompt: "x", size: "4K 4:3", count: 10 }, house.caller());
  expect(quote).toMatchObject({
    provider: "Service",
    tier: "4K",
    unit: 500,
    total: 5000,
    after: before.available - 5000,
  });
  expect(quote.changes).toEqual([expect.objectContaining({ code: "size-snapped" })]);
  expect(await house.balance()).toEqual(before);
});
