import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchView, Confirmation, Draft, Order } from "../../src/contract/usecases.ts";
import { isFinal } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { failWith, heldUp, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

const written = "{red, blue} bicycle in {rain, snow}";
const prompts = ["red bicycle in rain", "red bicycle in snow", "blue bicycle in rain", "blue bicycle in snow"];
let house: TestBot;

beforeEach(async () => {
  house = await openRoom({ queuedPerMember: 40 });
});
afterEach(() => house.close());

const order = (draft: Partial<Draft> = {}): Order => ({ kind: "draft", draft: { prompt: written, ...draft } });
const admin = () => house.caller("admin", { rights: "admin" });
const jobs = async () => house.usecases.history(house.caller(), { limit: 100 });

async function asked(what: Order = order(), caller = house.caller()): Promise<Confirmation> {
  const confirmation = await house.usecases.ask(what, caller);
  if (!confirmation) throw new Error("nothing was asked");
  return confirmation;
}

async function confirmed(id: string, caller = house.caller()): Promise<BatchView> {
  const submitted = await house.usecases.submit({ kind: "confirmation", id }, caller);
  if (submitted.kind !== "batch") throw new Error(`a batch was confirmed, and ${submitted.kind} came of it`);
  return submitted.batch;
}

const made = async (draft: Partial<Draft> = {}) => confirmed((await asked(order(draft))).id);

async function ended(id: string): Promise<BatchView> {
  for await (const view of house.usecases.batches.watch(id, new AbortController().signal)) {
    if (view.parts.every(({ state }) => isFinal(state))) return view;
  }
  throw new Error("watching ended before the batch did");
}

describe("a batch", () => {
  test("is asked about with each prompt and the one total, however cheap it is and whatever was confirmed", async () => {
    const submitted = await house.usecases.submit(order(), house.caller(), { confirmed: true });
    if (submitted.kind !== "confirmation") throw new Error("nothing was asked");
    const { batch, quote, words } = submitted.confirmation;
    expect(batch?.parts.map(({ request }) => request.prompt)).toEqual(prompts);
    expect(quote).toMatchObject({ total: 500, available: 5000, after: 4500 });
    expect(words?.asWritten?.quote.total).toBe(125);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("is accepted as a whole, each part with its own hold, in the order of its prompts", async () => {
    const batch = await made({ count: 2 });
    expect(batch.parts.map(({ request }) => request.prompt)).toEqual(prompts);
    expect(batch.parts.map(({ held, state }) => [held, state])).toEqual(Array(4).fill([250, "queued"]));
    expect(batch.parts.map((part) => part.batch?.index)).toEqual([0, 1, 2, 3]);
    expect(await house.balance()).toEqual({ available: 4000, held: 1000 });
    expect((await house.usecases.quote({ prompt: written, count: 2 }, house.caller())).total).toBe(1000);
  });

  test("is made once, however often yes is said, at the same time and by other processes", async () => {
    const { id } = await asked();
    const restarted = createUseCases(house.context);
    const answer = { kind: "confirmation", id } as const;
    const all = await Promise.all([
      confirmed(id),
      restarted.submit(answer, house.caller()),
      restarted.submit(answer, house.caller()),
    ]);
    const ids = all.map((one) => ("kind" in one && one.kind === "batch" ? one.batch.id : "id" in one ? one.id : ""));
    expect(new Set(ids).size).toBe(1);
    expect(await house.balance()).toEqual({ available: 4500, held: 500 });
  });

  test("is answered by nobody but its member, also with no", async () => {
    const { id } = await asked();
    await expect(confirmed(id, house.caller("other"))).rejects.toMatchObject({ code: "confirmation-not-yours" });
    await house.usecases.reject(id, house.caller());
    await expect(confirmed(id)).rejects.toMatchObject({ code: "confirmation-closed" });
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("can be made as one prompt, as it was written", async () => {
    const { id } = await asked();
    const answer = { kind: "confirmation", id, asWritten: true } as const;
    const submitted = await house.usecases.submit(answer, house.caller());
    expect(submitted).toMatchObject({
      kind: "job",
      job: { request: { prompt: written }, held: 125, batch: undefined },
    });
  });

  test("is refused as a whole where one part would pass a limit, in one sentence", async () => {
    await expect(asked(order({ quality: "high", size: "4K", count: 3 }))).rejects.toMatchObject({
      code: "not-enough-credits",
    });
    const small = await openRoom({ queuedPerMember: 3 });
    try {
      await expect(small.usecases.ask(order(), small.caller())).rejects.toMatchObject({
        code: "too-many-queued",
        facts: { limit: 3, wanted: 4 },
      });
      expect(await small.balance()).toEqual({ available: 5000, held: 0 });
    } finally {
      await small.close();
    }
  });

  test("is not made when the queue filled up since it was asked about", async () => {
    const small = await openRoom({ queuedPerMember: 4 });
    try {
      const question = await small.usecases.ask(order(), small.caller());
      await small.usecases.imagine({ prompt: "a cat" }, small.caller());
      const answer = { kind: "confirmation", id: question?.id ?? "" } as const;
      await expect(small.usecases.submit(answer, small.caller())).rejects.toMatchObject({ code: "too-many-queued" });
      expect(await small.balance()).toEqual({ available: 4875, held: 125 });
    } finally {
      await small.close();
    }
  });

  test("has at most 12 images, or as many as the admins allow", async () => {
    const seven = order({ prompt: "{1, 2, 3, 4, 5, 6, 7} kites", count: 2 });
    await expect(asked(seven)).rejects.toMatchObject({ code: "batch-too-large", facts: { count: 14, limit: 12 } });
    await house.usecases.admin.changeRules({ batchImages: 14 }, admin());
    expect((await asked(seven)).batch?.parts).toHaveLength(7);
    await house.usecases.admin.changeRules({ batchImages: 1 }, admin());
    await expect(asked()).rejects.toMatchObject({ code: "batch-too-large", facts: { limit: 1 } });
    await expect(house.usecases.admin.changeRules({ batchImages: 41 }, admin())).rejects.toMatchObject({
      code: "amount-out-of-range",
    });
    const huge = order({ prompt: "{a, b} ".repeat(900) });
    await expect(asked(huge)).rejects.toMatchObject({ code: "batch-too-large" });
  });

  test("refuses a blocked word in one of its prompts before anything is held", async () => {
    await house.usecases.admin.changeRules({ blockedWords: ["snow"] }, admin());
    await expect(asked()).rejects.toMatchObject({ code: "word-blocked", facts: { word: "snow" } });
  });

  test("leaves a prompt without alternatives one prompt, and takes its backslashes away", async () => {
    const job = await house.usecases.imagine({ prompt: "a sign: \\{red, blue\\}" }, house.caller());
    expect(job.request.prompt).toBe("a sign: {red, blue}");
    const data = await house.usecases.imagine({ prompt: '{"a": "b, c", "d": "e, f"}' }, house.caller());
    expect(data.request.prompt).toBe('{"a": "b, c", "d": "e, f"}');
  });
});

describe("the parts of a batch", () => {
  test("are paid for one by one; a declined one costs nothing, and the others stand", async () => {
    house.provider.scripts.push(succeed(), failWith(new ProviderError("service", "moderated", "declined")));
    const { id } = await made();
    await house.work();
    const { parts } = await ended(id);
    expect(parts.map(({ state, charged }) => [state, charged])).toEqual([
      ["delivered", 125],
      ["failed", undefined],
      ["delivered", 125],
      ["delivered", 125],
    ]);
    expect(await house.balance()).toEqual({ available: 4625, held: 0 });
  });

  test("cancelling 7 of 20 releases exactly 7 holds", async () => {
    await house.usecases.admin.changeRules({ batchImages: 20 }, admin());
    const batch = await made({ prompt: `{${Array.from({ length: 20 }, (_, n) => `cat ${n}`).join(", ")}}` });
    expect(await house.balance()).toEqual({ available: 2500, held: 2500 });
    const held = heldUp();
    house.provider.scripts.push(...Array.from({ length: 12 }, () => succeed()), held);
    await house.work();
    await held.sent; // the 13th is under way, seven wait
    const after = await house.usecases.batches.cancel(batch.id, house.caller());
    const states = after.parts.map(({ state }) => state);
    expect(states.filter((state) => state === "cancelled")).toHaveLength(7);
    const rows = await house.database.db.selectFrom("transfer").selectAll().where("kind", "=", "release").execute();
    expect(rows.map(({ amount }) => amount)).toEqual(Array(7).fill(125));
    held.release();
    await ended(batch.id);
    expect(await house.balance()).toEqual({ available: 5000 - 13 * 125, held: 0 });
    await expect(house.usecases.batches.cancel(batch.id, house.caller())).rejects.toMatchObject({
      code: "too-late-to-cancel",
    });
  });

  test("are taken back by nobody but their member and the admins", async () => {
    const { id } = await made();
    await expect(house.usecases.batches.cancel(id, house.caller("other"))).rejects.toMatchObject({
      code: "job-not-yours",
    });
    const { parts } = await house.usecases.batches.cancel(id, admin());
    expect(parts.every(({ state }) => state === "cancelled")).toBe(true);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("stand in the history as one, and are found by the words of any of them", async () => {
    const before = await house.usecases.imagine({ prompt: "a red cat" }, house.caller());
    const batch = await made();
    const after = await house.usecases.imagine({ prompt: "a blue cat" }, house.caller());
    expect((await jobs()).map(({ id }) => id)).toEqual([after.id, batch.id, before.id]);
    expect((await jobs())[1]?.batch).toMatchObject({ written, size: 4, by: "prompts" });
    const found = await house.usecases.history(house.caller(), { limit: 10, search: "blue snow" });
    expect(found.map(({ id }) => id)).toEqual([batch.parts[3]?.id]);
    const older = await house.usecases.history(house.caller(), { limit: 10, before: batch.id });
    expect(older.map(({ id }) => id)).toEqual([before.id]);
  });

  test("are exported each, deleted together, and nothing of the written prompt stays", async () => {
    const batch = await made();
    await house.work();
    await ended(batch.id);
    const { document } = await house.usecases.exportData(house.caller());
    const exported = JSON.parse(document.join("")).jobs as { request: { prompt: string } }[];
    expect(exported.map(({ request }) => request.prompt).toSorted()).toEqual(prompts.toSorted());
    await expect(house.usecases.batches.remove(batch.id, house.caller("other"))).rejects.toMatchObject({
      code: "job-not-yours",
    });
    await house.usecases.batches.remove(batch.id, house.caller());
    expect(await jobs()).toEqual([]);
    const rows = await house.database.db.selectFrom("job").select("request").execute();
    expect(JSON.stringify(rows)).not.toContain("bicycle");
  });

  test("can all be made again, which is asked about, and each can be edited by its number", async () => {
    const batch = await made({ count: 2 });
    await house.work();
    await ended(batch.id);
    const again = await asked({ kind: "batch-again", of: { job: batch.id } }, house.caller("member-2"));
    expect(again.batch?.parts.map(({ request }) => request.prompt)).toEqual(prompts);
    const of = { job: batch.id, numbered: true } as const;
    const edit = (prompt: string) => house.usecases.edit(of, { prompt }, house.caller());
    const fourth = await edit("4: make it green");
    expect(fourth).toMatchObject({ parent: batch.parts[1]?.id, request: { prompt: "make it green", count: 1 } });
    expect(fourth.request.references).toEqual([(await ended(batch.id)).parts[1]?.images[1]]);
    expect(fourth.batch).toBeUndefined();
    for (const [words, number] of [
      ["#7 in fog", 3],
      ["image 5, at night", 2],
      ["第1张：夜晚", 0],
    ] as const) {
      expect((await edit(words)).parent).toBe(batch.parts[number]?.id);
    }
    for (const words of ["make it green", "9: make it green", "16:9 please", "2.5 times as large"]) {
      await expect(edit(words)).rejects.toMatchObject({
        code: "batch-which-image",
        facts: { numbers: [1, 2, 3, 4, 5, 6, 7, 8] },
      });
    }
  });
});

test("1,000 random prompts: the price of a batch is the sum of its parts, and none is larger than the limit", async () => {
  const words = fc.string({ unit: fc.constantFrom(..."ab c{},\\"), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(words, fc.integer({ min: 1, max: 4 }), async (prompt, count) => {
      const caller = house.caller();
      const submitted = await house.usecases
        .submit({ kind: "draft", draft: { prompt: `x ${prompt}`, count } }, caller, { confirmed: false })
        .catch((error) => error);
      if (submitted instanceof Error) return void expect(submitted).toMatchObject({ code: "batch-too-large" });
      if (submitted.kind === "job") return void (await house.usecases.cancel(submitted.job.id, caller));
      const { batch, quote } = submitted.confirmation;
      const images = batch.parts.reduce(
        (sum: number, part: { request: { count: number } }) => sum + part.request.count,
        0,
      );
      const total = batch.parts.reduce((sum: number, part: { quote: { total: number } }) => sum + part.quote.total, 0);
      expect(images).toBeLessThanOrEqual(12);
      expect(quote.total).toBe(total);
      expect(quote.total).toBe(images * 125);
    }),
    { numRuns: 1000 },
  );
}, 120_000);
