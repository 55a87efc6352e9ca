import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "../../../src/context.ts";
import type { Announcement, Caller, Order } from "../../../src/contract/usecases.ts";
import { createCredits } from "../../../src/credits/credits.ts";
import type { IncomingImage } from "../../../src/image.ts";
import type { Database } from "../../../src/store/database.ts";
import { createSubmit } from "../../../src/usecases/submit/submit.ts";
import { animation } from "../../images/samples.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const draft = { prompt: "a red bicycle" };
const imagine: Order = { kind: "draft", draft };

/** A door that writes down each statement, transaction and routing. */
function watchedDoor() {
  const steps: string[] = [];
  const note = <Args extends object>(step: string, args: Args): Args => {
    steps.push(step);
    return args;
  };
  const db = house.database.db.withPlugin({
    transformQuery: ({ node }) => note("statement", node),
    transformResult: async ({ result }) => result,
  });
  const database: Database = Object.assign(Object.create(house.database), {
    db,
    transaction: (...args: Parameters<Database["transaction"]>) => {
      steps.push("transaction");
      return house.database.transaction(...args);
    },
  });
  const credits = createCredits(database, house.world, {
    daily: 5000,
    tenantMonthly: undefined,
    globalDaily: undefined,
  });
  const router: Context["router"] = {
    ...house.context.router,
    route: (...args) => note("route", house.context.router.route(...args)),
  };
  return { steps, submit: createSubmit({ ...house.context, database, credits, router }) };
}

async function photo(name = "hat.png"): Promise<IncomingImage> {
  const file = path.join(house.folder, name);
  const create = { width: 64, height: 64, channels: 3, background: "#46b" } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  return { filename: name, source: { path: file } };
}

describe("a plain order", () => {
  test("is routed once, and takes at most 6 statements before its one transaction", async () => {
    const { steps, submit } = watchedDoor();
    expect(await submit(imagine, house.caller())).toMatchObject({ kind: "job", job: { state: "queued" } });
    expect(steps.filter((step) => step === "route")).toHaveLength(1);
    expect(steps.filter((step) => step === "transaction")).toHaveLength(1);
    const before = steps.slice(0, steps.indexOf("transaction")).filter((step) => step === "statement");
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThanOrEqual(6);
  });

  test("is routed once when it is asked about, and when it has files", async () => {
    for (const order of [
      { kind: "draft", draft: { ...draft, count: 10 } },
      { kind: "draft", draft: { ...draft, images: [await photo()] } },
    ] as const) {
      const { steps, submit } = watchedDoor();
      await submit(order, house.caller());
      expect(steps.filter((step) => step === "route")).toHaveLength(1);
    }
  });
});

describe("the announcement", () => {
  /** Submits, and tells what was announced, and whether there was a job at that moment. */
  async function announced(order: Order, caller: Caller = house.caller(), confirmed = true) {
    const seen: (Announcement & { jobs: number })[] = [];
    const announce = async (facts: Announcement) => {
      seen.push({ ...facts, jobs: (await house.usecases.history(caller, { limit: 50 })).length });
      return '{"announced":true}';
    };
    const outcome = await house.usecases.submit(order, caller, { confirmed, announce }).then(
      (submitted) => submitted,
      (error: { code: string }) => error.code,
    );
    return { seen, outcome };
  }

  test("is made once, before the job exists, and its reply target is kept with the job", async () => {
    const { seen, outcome } = await announced(imagine);
    expect(seen).toEqual([{ private: false, replyTarget: "{}", jobs: 0 }]);
    expect(outcome).toMatchObject({ kind: "job", job: { replyTarget: '{"announced":true}' } });
  });

  test("knows the true privacy: of the draft, of the settings, and of the job that is made again", async () => {
    expect((await announced({ kind: "draft", draft: { ...draft, private: true } })).seen).toMatchObject([
      { private: true },
    ]);
    await house.work();
    const hidden = await house.end(await house.usecases.imagine({ ...draft, private: true }, house.caller()));
    const of = { job: hidden.id, index: 0 };
    for (const kind of ["again", "vary", "upscale"] as const) {
      expect((await announced({ kind, of })).seen).toMatchObject([{ private: true }]);
    }
    expect((await announced({ kind: "edit", of, draft })).seen).toMatchObject([{ private: true }]);
    await house.usecases.changeSettings({ private: true }, house.caller());
    expect((await announced(imagine)).seen).toMatchObject([{ private: true }]);
  });

  test("is not made for what is refused, whatever the reason", async () => {
    const stranger = house.caller("blocked-1");
    const admin = house.caller("boss", { rights: "admin" });
    await house.usecases.admin.changeRules({ blockedMembers: ["blocked-1"], blockedWords: ["gore"] }, admin);
    const refusals: [Order, Caller, string][] = [
      [{ kind: "draft", draft: { prompt: " " } }, house.caller(), "prompt-empty"],
      [{ kind: "draft", draft: { prompt: "gore" } }, house.caller(), "word-blocked"],
      [{ kind: "draft", draft: { ...draft, size: "huge" } }, house.caller(), "size-unknown"],
      [
        { kind: "draft", draft: { ...draft, size: "3840x2160", count: 10 } },
        house.caller("poor"),
        "not-enough-credits",
      ],
      [imagine, stranger, "member-blocked"],
      [{ kind: "again", of: { job: "none" } }, house.caller(), "job-unknown"],
      [{ kind: "confirmation", id: "none" }, house.caller(), "confirmation-closed"],
    ];
    await house.usecases.imagine({ ...draft, count: 1 }, house.caller("poor"));
    for (const [order, caller, code] of refusals) {
      expect(await announced(order, caller)).toEqual({ seen: [], outcome: code });
    }
  });

  test("is not made for a confirmation, but for the yes to it, where the member asked at first", async () => {
    const first = house.caller("member-1", { replyTarget: '{"first":true}' });
    const dear: Order = { kind: "draft", draft: { ...draft, count: 10, private: true } };
    const { seen, outcome } = await announced(dear, first, false);
    expect(seen).toEqual([]);
    if (typeof outcome === "string" || outcome.kind !== "confirmation") return expect.fail("no confirmation");
    const yes = await announced({ kind: "confirmation", id: outcome.confirmation.id });
    expect(yes.seen).toMatchObject([{ private: true, replyTarget: '{"first":true}' }]);
  });

  test("is not made again for an event that made its job before", async () => {
    const caller = house.caller();
    await announced(imagine, caller);
    expect((await announced(imagine, caller)).seen).toEqual([]);
  });
});

describe("files", () => {
  test("are not fetched for what limits, credits or the queue refuse", async () => {
    const asked: string[] = [];
    const take: Context["images"]["take"] = async ({ filename }) => {
      asked.push(filename);
      throw new Error("fetched");
    };
    const submit = createSubmit({ ...house.context, images: { ...house.context.images, take } });
    const images = [await photo()];
    const dear: Order = { kind: "draft", draft: { ...draft, images, size: "3840x2160", count: 10 } };
    await house.usecases.imagine(draft, house.caller());
    await expect(submit(dear, house.caller())).rejects.toMatchObject({ code: "not-enough-credits" });
    const admin = house.caller("boss", { rights: "admin" });
    await house.usecases.admin.changeRules({ memberDaily: 200 }, admin);
    const modest: Order = { kind: "draft", draft: { ...draft, images } };
    await expect(submit(modest, house.caller())).rejects.toMatchObject({ code: "member-daily-spent" });
    expect(asked).toEqual([]);
    await expect(submit(modest, house.caller("member-2"))).rejects.toThrow("fetched");
  });

  test("of one member are fetched for one order at a time, of others meanwhile", async () => {
    let fetching = 0;
    const most: number[] = [];
    const take: Context["images"]["take"] = async (file) => {
      most.push(++fetching);
      const image = await house.context.images.take(file);
      fetching--;
      return image;
    };
    const submit = createSubmit({ ...house.context, images: { ...house.context.images, take } });
    const order: Order = { kind: "draft", draft: { ...draft, images: [await photo()] } };
    await Promise.all([1, 2, 3].map(() => submit(order, house.caller())));
    expect(Math.max(...most)).toBe(1);
    await Promise.all(["a", "b"].map((member) => submit(order, house.caller(member))));
    expect(Math.max(...most)).toBe(2);
  });

  test("that are refused do not hold up the member's next order", async () => {
    const broken = path.join(house.folder, "broken.png");
    writeFileSync(broken, "no image");
    const images = [{ filename: "broken.png", source: { path: broken } }];
    const bad = expect(
      house.usecases.submit({ kind: "draft", draft: { ...draft, images } }, house.caller()),
    ).rejects.toMatchObject({ code: expect.stringContaining("image-") });
    const good = house.usecases.submit({ kind: "draft", draft: { ...draft, images: [await photo()] } }, house.caller());
    await bad;
    expect(await good).toMatchObject({ kind: "job" });
  });

  test("of which one is an animation are noted: its first frame is used", async () => {
    const moving = path.join(house.folder, "moving.gif");
    writeFileSync(moving, await animation().gif().toBuffer());
    const images = [await photo(), { filename: "moving.gif", source: { path: moving } }];
    const order: Order = { kind: "draft", draft: { ...draft, images } };
    const still: Order = { kind: "draft", draft: { ...draft, images: [await photo()] } };
    const changes = [{ code: "first-frame" }];
    expect(await house.usecases.submit(order, house.caller())).toMatchObject({ kind: "job", job: { changes } });
    expect(await house.usecases.submit(still, house.caller())).toMatchObject({ kind: "job", job: { changes: [] } });
    await house.usecases.changeSettings({ confirmAbove: 1 }, house.caller());
    expect(await house.usecases.submit(order, house.caller())).toMatchObject({
      kind: "confirmation",
      confirmation: { quote: { changes } },
    });
  });
});
