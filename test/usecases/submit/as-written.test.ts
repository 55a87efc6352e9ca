import { writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readWords } from "../../../src/command/words-in-prompt.ts";
import type { Caller, Confirmation, Draft, JobView, Order, SubmitOptions } from "../../../src/contract/usecases.ts";
import { createUseCases } from "../../../src/usecases/create-usecases.ts";
import { onBothStores } from "../../support/stores.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";

const untouched = { available: 5000, held: 0 };

onBothStores("options that were taken out of a sentence", (store) => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom({ database: await store.open() });
  });
  afterEach(() => house.close());

  const order = (text: string, more: Partial<Draft> = {}): Order => ({
    kind: "draft",
    draft: { ...readWords(text), ...more },
  });
  const jobs = () => house.usecases.history(house.caller(), { limit: 100 });

  async function asked(wanted: Order | string, caller: Caller = house.caller(), options: SubmitOptions = {}) {
    const submitted = await house.usecases.submit(typeof wanted === "string" ? order(wanted) : wanted, caller, options);
    if (submitted.kind !== "confirmation") throw new Error("nothing was asked");
    return submitted.confirmation;
  }

  async function answer(
    { id }: Pick<Confirmation, "id">,
    { asWritten, ...options }: SubmitOptions & { asWritten?: boolean } = {},
    caller: Caller = house.caller(),
  ): Promise<JobView> {
    const submitted = await house.usecases.submit({ kind: "confirmation", id, asWritten }, caller, options);
    if (submitted.kind !== "job") throw new Error("an answer is asked about");
    return submitted.job;
  }

  test("are shown with the prompt that remains and both prices, before anything is held", async () => {
    const { request, quote, words } = await asked("a fox, 4k, x2");
    expect(request).toMatchObject({ prompt: "a fox", count: 2 });
    expect(quote).toMatchObject({ total: 1000, after: 4000 });
    expect(words?.taken).toEqual({ size: "4K", count: 2 });
    expect(words?.asWritten).toMatchObject({
      request: { prompt: "a fox, 4k, x2", count: 1 },
      quote: { total: 125, after: 4875 },
    });
    expect(await house.balance()).toEqual(untouched);
    expect(await jobs()).toEqual([]);
  });

  test("are shown whatever the member spends unasked, and whatever price was seen", async () => {
    await house.usecases.changeSettings({ confirmAbove: 1_000_000 }, house.caller());
    await asked("a fox, 2k");
    await asked("a fox, 2k", house.caller(), { confirmed: true });
    expect(await jobs()).toEqual([]);
  });

  test("are not asked about where nothing was taken, or all was named on purpose", async () => {
    for (const text of ["a fox in 4k", "a fox --size 2k --n 2"])
      expect(await house.usecases.submit(order(text), house.caller())).toMatchObject({ kind: "job" });
    expect((await jobs()).map(({ request }) => [request.prompt, request.count])).toEqual([
      ["a fox", 2],
      ["a fox in 4k", 1],
    ]);
  });

  test("are drawn by yes", async () => {
    const job = await answer(await asked("a fox, 2k"));
    expect(job).toMatchObject({ held: 250, request: { prompt: "a fox" } });
    expect(await jobs()).toHaveLength(1);
  });

  test("are left to the words, with the member's own defaults and at that price", async () => {
    await house.usecases.changeSettings({ count: 2 }, house.caller());
    const question = await asked("a fox, 2k x3");
    await house.usecases.changeSettings({ count: 4, size: "3840x2160" }, house.caller());
    const job = await answer(question, { asWritten: true });
    expect(job).toMatchObject({ held: 250, request: { prompt: "a fox, 2k x3", count: 2 } });
    expect(await house.balance()).toEqual({ available: 4750, held: 250 });
  });

  test("leave what was named on purpose, and what was answered otherwise, as it was", async () => {
    const { words } = await asked(order("a fox, 2k --n 2", { private: true }));
    expect(words?.taken).toEqual({ size: "2K" });
    expect(words?.asWritten?.request).toMatchObject({ prompt: "a fox, 2k", count: 2, private: true });
  });

  test("of a change are left to its words, over the same images", async () => {
    await house.work();
    const parent = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
    const of = { job: parent.id, index: 0 };
    const question = await asked({ kind: "edit", of, draft: readWords("in oil, x3") });
    const job = await answer(question, { asWritten: true });
    expect(job).toMatchObject({ parent: parent.id, request: { prompt: "in oil, x3", references: parent.images } });
    expect(job.held).toBe(question.words?.asWritten?.quote.total);
  });

  test("leave the member's own images with the words", async () => {
    const file = path.join(house.folder, "hat.png");
    const create = { width: 64, height: 64, channels: 3, background: "#46b" } as const;
    writeFileSync(file, await sharp({ create }).png().toBuffer());
    await house.work();
    const question = await asked(order("in oil, 2k", { images: [{ filename: "hat.png", source: { path: file } }] }));
    await house.end(await answer(question, { asWritten: true }));
    expect(house.provider.sent[0]).toMatchObject({ prompt: "in oil, 2k" });
    expect(house.provider.sent[0]?.references).toHaveLength(1);
  });

  test("make one job, whichever buttons are pressed how often, in two processes, after a restart", async () => {
    const question = await asked("a fox, 2k");
    const other = createUseCases(house.context);
    const press = (usecases: typeof other, asWritten: boolean) =>
      usecases.submit({ kind: "confirmation", id: question.id, asWritten }, house.caller());
    const made = await Promise.all([
      press(house.usecases, true),
      press(other, false),
      press(other, true),
      press(house.usecases, false),
    ]);
    const later = await press(createUseCases(house.context), false);
    expect(new Set([...made, later].map((each) => each.kind === "job" && each.job.id)).size).toBe(1);
    const [job, ...more] = await jobs();
    expect(more).toEqual([]);
    expect(job?.held).toBe(job?.request.prompt === "a fox" ? 250 : 125);
    expect((await house.balance()).held).toBe(job?.held);
  });

  test("are answered by the member alone, within the hour", async () => {
    const question = await asked("a fox, 2k");
    const foreign = answer(question, { asWritten: true }, house.caller("member-2"));
    await expect(foreign).rejects.toMatchObject({ code: "confirmation-not-yours" });
    house.world.advance(3_600_000);
    await expect(answer(question, { asWritten: true })).rejects.toMatchObject({ code: "confirmation-closed" });
    expect(await house.balance()).toEqual(untouched);
  });

  test("never cost more than was shown for the button that is pressed", async () => {
    const question = await asked("a fox, 2k");
    Object.assign(house.provider, { price: () => 200 });
    const risen = answer(question, { asWritten: true });
    await expect(risen).rejects.toMatchObject({ code: "price-risen", facts: { confirmed: 125, total: 200 } });
    expect((await answer(question)).held).toBe(200);
  });

  test("cannot be left to words by an answer to another question", async () => {
    const question = await asked({ kind: "draft", draft: { prompt: "a wall", count: 5 } });
    await expect(answer(question, { asWritten: true })).rejects.toMatchObject({ code: "confirmation-closed" });
    expect(await house.balance()).toEqual(untouched);
  });

  test("are asked about anew when the message changes, and each question keeps what it showed", async () => {
    const caller = house.caller();
    const [cheap, dear] = [await asked("a fox, 1k", caller), await asked("a fox, 4k x5", caller)];
    expect(cheap.id).not.toBe(dear.id);
    expect((await asked("a fox, 1k", caller)).id).toBe(cheap.id);
    expect(await answer(cheap)).toMatchObject({ held: 125, request: { prompt: "a fox" } });
    expect(await answer(dear)).toMatchObject({ held: 125 });
    expect(await jobs()).toHaveLength(1);
  });

  test("are still shown when no service can draw the words as they were written", async () => {
    const text = `${"a".repeat(31_995)}, 2k, x2`;
    const { words, id } = await asked(text);
    expect(words).toEqual({ taken: { size: "2K", count: 2 }, asWritten: undefined });
    await expect(answer({ id }, { asWritten: true })).rejects.toMatchObject({ code: "confirmation-closed" });
    expect((await answer({ id })).held).toBe(500);
  });

  const interruptions: [string, (question: Confirmation) => Promise<unknown>][] = [
    ["no is said", ({ id }) => house.usecases.reject(id, house.caller())],
    ["all data are deleted", () => house.usecases.deleteData(house.caller())],
  ];
  test.each(interruptions)("are not made when %s between the press and the job", async (_, interrupt) => {
    for (const asWritten of [true, false]) {
      const question = await asked("a fox, 2k");
      const announce = async () => {
        await interrupt(question);
        return "{}";
      };
      await expect(answer(question, { asWritten, announce })).rejects.toMatchObject({ code: "confirmation-closed" });
    }
    expect(await jobs()).toEqual([]);
    expect(await house.balance()).toEqual(untouched);
  });

  test("are made, or declined, but never both", async () => {
    for (let round = 0; round < 20; round++) {
      const question = await asked("a fox, 1k", house.caller());
      const before = (await jobs()).length;
      const [yes, no] = await Promise.allSettled([
        answer(question, { asWritten: round % 2 === 0 }),
        house.usecases.reject(question.id, house.caller()),
      ]);
      const made = (await jobs()).length - before;
      expect([yes.status, no.status, made]).toEqual(
        made === 1 ? ["fulfilled", "rejected", 1] : ["rejected", "fulfilled", 0],
      );
      if (made === 1) await house.usecases.cancel((await jobs())[0]?.id ?? "", house.caller());
    }
  });
});

test("leaving the words gives exactly the prompt that was written, for any text", async () => {
  const house = await openRoom();
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.constantFrom(" 2k", " 16:9", ", high", " x3", "\n4k", "，高质量", " 2 cats", "“", " https://a.example/?n=3"),
  );
  const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `a fox ${pieces.join("")}`);
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(", 2k", " 2k 16:9 x2", "\npng", "，高质量"), async (words, tail) => {
      const written = words + tail;
      const draft = readWords(written);
      fc.pre(draft.asWritten !== undefined && draft.prompt !== "" && !/--|—|–/.test(written));
      const caller = house.caller(`member-${written}`);
      const submitted = await house.usecases.submit({ kind: "draft", draft }, caller);
      if (submitted.kind !== "confirmation") return expect.fail("nothing was asked");
      const order = { kind: "confirmation", id: submitted.confirmation.id, asWritten: true } as const;
      const made = await house.usecases.submit(order, caller);
      const plain = written
        .normalize("NFC")
        .replace(/[^\P{Cc}\n\t]/gu, "")
        .trim();
      expect(made.kind === "job" && made.job.request.prompt).toBe(plain);
    }),
    { numRuns: 60 },
  );
  await house.close();
});
