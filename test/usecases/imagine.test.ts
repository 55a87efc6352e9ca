import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeliveryDelayed } from "../../src/contract/delivery.ts";
import type { Draft } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { failWith, heldUp, succeed, unknownOutcome } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const imagine = (draft: Partial<Draft> = {}, caller = house.caller()) =>
  house.usecases.imagine({ prompt: "a red bicycle", ...draft }, caller);

describe("accepting", () => {
  test("holds what it may cost and queues the job as one", async () => {
    const view = await imagine({ size: "2048x1152", quality: "high", count: 2 });
    expect(view).toMatchObject({ state: "queued", position: 1, unit: 250, held: 500, tier: "2K", images: [] });
    expect(await house.balance()).toEqual({ available: 4500, held: 500 });
  });

  test("makes one job of the same event, however often it comes", async () => {
    const caller = house.caller();
    const views = await Promise.all([imagine({}, caller), imagine({}, caller), imagine({}, caller)]);
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect(await house.balance()).toEqual({ available: 4875, held: 125 });
  });

  test.each<[string, Partial<Draft>, string]>([
    ["an unknown size", { size: "huge" }, "size-unknown"],
    ["a size that the service cannot make", { size: "100x100" }, "size-unsupported"],
    ["count 0", { count: 0 }, "count-out-of-range"],
    ["count 11", { count: 11 }, "count-out-of-range"],
    ["count 1.5", { count: 1.5 }, "count-out-of-range"],
    ["an empty prompt", { prompt: " \n\u0000 " }, "prompt-empty"],
    ["a prompt of 40,000 characters", { prompt: "x".repeat(40_000) }, "prompt-too-long"],
    ["an unknown quality", { quality: "best" }, "option-unknown"],
    ["an unknown format", { format: "gif" }, "option-unknown"],
    ["an unknown service", { provider: "nobody" }, "provider-unknown"],
    ["a mask without an image", { mask: { filename: "m.png", source: { path: "/nowhere" } } }, "mask-without-image"],
  ])("refuses %s before anything is held", async (_what, draft, code) => {
    await expect(imagine(draft)).rejects.toMatchObject({ code });
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
    expect(await house.usecases.history(house.caller(), { limit: 10 })).toEqual([]);
  });

  test("refuses a text file as a reference before anything is held", async () => {
    const file = path.join(house.folder, "photo.png");
    writeFileSync(file, "this is not an image");
    const images = [{ filename: "photo.png", source: { path: file } }];
    await expect(imagine({ images })).rejects.toMatchObject({ code: "image-format", facts: { filename: "photo.png" } });
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("refuses more waiting jobs than a member may have", async () => {
    await house.close();
    house = await openRoom({ queuedPerMember: 2 });
    await imagine();
    await imagine();
    await expect(imagine()).rejects.toMatchObject({ code: "too-many-queued", facts: { limit: 2 } });
    await imagine({}, house.caller("member-2"));
  });

  test("accepts exactly one of many commands at once with credits for one", async () => {
    await house.close();
    house = await openRoom({ daily: 500, queuedPerMember: 1000 });
    const tries = await Promise.allSettled(Array.from({ length: 40 }, () => imagine({ size: "3840x2160" })));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("cleans the prompt of what no model reads", async () => {
    const view = await imagine({ prompt: "  a\u0000 cat\ud800 \u001b[31m  " });
    expect(view.request.prompt).toBe("a cat\ufffd [31m");
  });
});

describe("carrying out", () => {
  test("posts the images and charges what was quoted", async () => {
    await house.work();
    const done = await house.end(await imagine({ size: "2048x1152", count: 2 }));
    expect(done).toMatchObject({ state: "delivered", charged: 500 });
    expect(done.images.map(({ width, height, format }) => [width, height, format])).toEqual([
      [2048, 1152, "png"],
      [2048, 1152, "png"],
    ]);
    expect(house.posted).toHaveLength(1);
    expect(house.posted[0]).toMatchObject({ repeated: false, job: { state: "delivered", charged: 500 } });
    expect(await house.balance()).toEqual({ available: 4500, held: 0 });
    expect(house.ended).toMatchObject([{ state: "delivered", charged: 500 }]);
  });

  test("charges only the images that came, and smaller ones at their own price", async () => {
    await house.work();
    house.provider.scripts.push(succeed({ count: 2 }), succeed({ size: { width: 1024, height: 1024 } }));
    expect((await house.end(await imagine({ count: 3 }))).charged).toBe(250);
    expect((await house.end(await imagine({ size: "3840x2160" }))).charged).toBe(125);
    expect((await house.balance()).available).toBe(5000 - 250 - 125);
  });

  test("holds the dearest price for auto and charges the measured one, never more than was held", async () => {
    await house.work();
    house.provider.scripts.push(succeed({ size: { width: 2048, height: 1152 } }));
    const asked = await imagine({ size: "auto" });
    expect(asked.held).toBe(500);
    expect((await house.end(asked)).charged).toBe(250);
  });

  test("runs a member's jobs one after the other, and those of two members side by side", async () => {
    const [first, other] = [heldUp(), heldUp()];
    house.provider.scripts.push(first, other);
    await house.work();
    const mine = [await imagine(), await imagine()];
    const theirs = await imagine({}, house.caller("member-2"));
    await Promise.all([first.sent, other.sent]);
    const state = async (id: string) => (await house.usecases.job(id, house.caller())).state;
    expect(await Promise.all([...mine, theirs].map(({ id }) => state(id)))).toEqual(["running", "queued", "running"]);
    first.release();
    other.release();
    for (const view of [...mine, theirs]) expect((await house.end(view)).state).toBe("delivered");
  });
});

describe("when the service does not deliver", () => {
  test.each(["refused", "moderated", "failed", "unknown", "damaged"] as const)(
    "charges nothing, says why and sends nothing again when the outcome is “%s”",
    async (outcome) => {
      house.provider.scripts.push(failWith(new ProviderError("service", outcome, "as scripted")));
      await house.work();
      const done = await house.end(await imagine());
      expect(done).toMatchObject({ state: "failed", failure: { outcome, reference: done.id } });
      expect(await house.balance()).toEqual({ available: 5000, held: 0 });
      expect(house.provider.sent).toHaveLength(1);
      const runner = await house.work();
      await runner.stop();
      expect(house.posted.map(({ job }) => [job.state, job.failure?.outcome])).toEqual([["failed", outcome]]);
    },
  );

  test("tries again by itself what provably was not sent, three times in all", async () => {
    const unsent = () => failWith(new ProviderError("service", "not-sent", "no connection"), "unsent");
    house.provider.scripts.push(unsent(), unsent(), unsent());
    await house.work();
    const asked = await imagine();
    const requeued = () => house.log.lines.filter(({ message }) => message.startsWith("trying again")).length;
    for (const times of [1, 2]) {
      while (requeued() < times) await new Promise(setImmediate);
      house.world.advance(10_000);
    }
    expect(await house.end(asked)).toMatchObject({ state: "failed", failure: { outcome: "not-sent" } });
    expect(house.provider.sent).toHaveLength(0);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("waits as long as the service asks when it is overloaded, then serves", async () => {
    const error = new ProviderError("service", "refused", "429", { refusedFor: "rate", retryAfterMs: 30_000 });
    house.provider.scripts.push(failWith(error));
    await house.work();
    const asked = await imagine();
    while (!house.log.lines.some(({ message }) => message.startsWith("trying again"))) await new Promise(setImmediate);
    house.world.advance(30_000);
    expect((await house.end(asked)).state).toBe("delivered");
    expect(house.provider.sent).toHaveLength(2);
  });

  test("posts and charges the images that arrived whole before the connection broke", async () => {
    house.provider.scripts.push(async function* (request, context) {
      for await (const event of succeed({ count: 1 })(request, context)) if (event.type === "image") yield event;
      throw unknownOutcome();
    });
    await house.work();
    expect(await house.end(await imagine({ count: 2 }))).toMatchObject({ state: "delivered", charged: 125 });
  });

  test("calls a bug a bug, charges nothing, and goes on with the next job", async () => {
    house.provider.scripts.push(failWith(new TypeError("undefined is not a function")));
    await house.work();
    const done = await house.end(await imagine());
    expect(done.failure).toMatchObject({ outcome: "bug", reference: done.id });
    expect((await house.end(await imagine())).state).toBe("delivered");
    expect((await house.balance()).available).toBe(4875);
  });
});

describe("when the place to post does not take it", () => {
  test("posts again later without calling the service again", async () => {
    house.answers.push(new DeliveryDelayed("503", 5000));
    await house.work();
    const asked = await imagine();
    while (!house.log.lines.some(({ message }) => message === "not posted yet")) await new Promise(setImmediate);
    expect((await house.balance()).held).toBe(125);
    house.world.advance(5000);
    expect((await house.end(asked)).state).toBe("delivered");
    expect(house.posted.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(new Set(house.posted.map(({ nonce }) => nonce)).size).toBe(1);
    expect(house.provider.sent).toHaveLength(1);
  });

  test("keeps the images and their hold when there is nowhere to post, until somebody looks at them", async () => {
    house.answers.push({ route: "none" });
    await house.work();
    const done = await house.end(await imagine());
    expect(done).toMatchObject({ state: "undeliverable", images: [] });
    expect(await house.balance()).toEqual({ available: 5000 - 125, held: 125 });
    const [seen] = await house.usecases.history(house.caller(), { limit: 1 });
    expect(seen).toMatchObject({ state: "delivered", charged: 125, images: [{ width: 1024 }] });
    expect(await house.balance()).toEqual({ available: 5000 - 125, held: 0 });
  });
});

test("keeps a picture's bytes as the service made them", async () => {
  await house.work();
  const done = await house.end(await imagine({ format: "webp" }));
  const { path: file } = await house.usecases.imageFile({ job: done.id, index: 0 }, house.caller());
  expect(await sharp(file).metadata()).toMatchObject({ format: "webp", width: 1024 });
});
