import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Draft, JobView } from "../../../src/contract/usecases.ts";
import { createRetention, sweepOnce } from "../../../src/usecases/privacy/retention.ts";
import { heldUp } from "../../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../../worker/spool-clock.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
let house: TestBot;

beforeEach(async () => {
  house = await openRoom({ daily: 1_000_000 });
  await house.work();
});
afterEach(() => house.close());

const imagine = (draft: Partial<Draft> = {}) =>
  house.usecases.imagine({ prompt: "a red bicycle", ...draft }, house.caller());
const make = async (draft: Partial<Draft> = {}) => house.end(await imagine(draft));
const seen = (job: JobView) => house.usecases.job(job.id, house.caller());
const files = () => spoolFiles(house).map(({ file }) => file);
const inputs = () => files().filter((file) => file.startsWith("inputs"));
const sweep = async () => sweepOnce(house.context);

/** Later; what lies on disk has become older by as much. */
async function later(ms: number): Promise<void> {
  setFileTimes(house);
  house.world.advance(ms);
}

async function photo(name: string, background: string) {
  const file = path.join(house.folder, name);
  writeFileSync(
    file,
    await sharp({ create: { width: 64, height: 64, channels: 3, background } })
      .png()
      .toBuffer(),
  );
  return { filename: name, source: { path: file } };
}

describe("content", () => {
  test("is deleted after the days that are set, and no earlier; the money stays", async () => {
    const made = await make({ count: 2 });
    const before = await house.database.db.selectFrom("transfer").selectAll().orderBy("id").execute();
    await later(30 * dayMs);
    expect(await sweep()).toEqual({ jobs: 0, members: 0, files: 0 });
    expect(files()).toHaveLength(3);
    await later(hourMs * 2);
    expect(await sweep()).toEqual({ jobs: 1, members: 0, files: 3 });
    expect(files()).toEqual([]);
    expect(await seen(made)).toMatchObject({ state: "delivered", charged: 250, images: [], request: { prompt: "" } });
    expect(await house.database.db.selectFrom("transfer").selectAll().orderBy("id").execute()).toEqual(before);
    expect(await sweep()).toEqual({ jobs: 0, members: 0, files: 0 });
  });

  test("is kept for ever when that is set", async () => {
    await house.close();
    house = await openRoom({ retention: { contentDays: 0, referenceDays: 0 } });
    await house.work();
    const made = await make();
    await later(5000 * dayMs);
    expect(await sweep()).toEqual({ jobs: 0, members: 0, files: 0 });
    expect((await seen(made)).request.prompt).toBe("a red bicycle");
    expect(files()).toHaveLength(2);
  });

  test("of a job that is under way stays, however old it is", async () => {
    const held = heldUp();
    house.provider.scripts.push(held);
    const images = [await photo("cat.png", "red")];
    const running = await imagine({ images });
    await held.sent;
    const waiting = await imagine({ images });
    await later(400 * dayMs);
    expect(await sweep()).toMatchObject({ jobs: 0, files: 0 });
    expect(inputs()).toHaveLength(1);
    held.release();
    expect((await house.end(running)).state).toBe("delivered");
    expect((await house.end(waiting)).state).toBe("delivered");
  });

  test("of a failure stays until the member is told of it", async () => {
    const made = await make();
    const { db } = house.database;
    await db.updateTable("delivery").set({ phase: "sending" }).where("job", "=", made.id).execute();
    await later(400 * dayMs);
    expect(await sweep()).toMatchObject({ jobs: 0, files: 0 });
    await db.updateTable("delivery").set({ phase: "confirmed" }).where("job", "=", made.id).execute();
    expect(await sweep()).toMatchObject({ jobs: 1, files: 2 });
  });
});

describe("what members started from", () => {
  test("is deleted after its own days; then the job can be looked at but not repeated", async () => {
    const made = await make({ images: [await photo("cat.png", "red")] });
    await later(7 * dayMs);
    expect(await sweep()).toMatchObject({ files: 0 });
    await later(2 * hourMs);
    expect(await sweep()).toMatchObject({ jobs: 0, files: 1 });
    expect(inputs()).toEqual([]);
    expect((await seen(made)).request.references).toHaveLength(1);
    await expect(house.usecases.again(made.id, house.caller())).rejects.toMatchObject({ code: "job-erased" });
    expect((await house.usecases.vary({ job: made.id }, house.caller())).state).toBe("queued");
    expect(await house.balance()).toMatchObject({ held: 125 });
  });

  test("stays while a younger job started from the same image", async () => {
    const images = [await photo("cat.png", "red")];
    await make({ images });
    await later(6 * dayMs);
    const younger = await make({ images });
    await later(6 * dayMs);
    expect(await sweep()).toMatchObject({ files: 0 });
    expect((await house.usecases.again(younger.id, house.caller())).state).toBe("queued");
  });

  test("stays while it is the result of a job that is kept, and the other way round", async () => {
    const first = await make();
    await later(29 * dayMs);
    const edit = await house.end(await house.usecases.edit({ job: first.id }, { prompt: "blue" }, house.caller()));
    await later(3 * dayMs);
    expect(await sweep()).toMatchObject({ jobs: 1 }); // the first; its image is what the edit started from
    expect((await house.usecases.again(edit.id, house.caller())).state).toBe("queued");
    expect((await house.usecases.vary({ job: edit.id }, house.caller())).state).toBe("queued");
  });

  test("stays for an hour although nothing refers to it: a job may be about to", async () => {
    await house.context.images.take(await photo("cat.png", "red"));
    await later(hourMs);
    expect(await sweep()).toMatchObject({ files: 0 });
    house.world.advance(1000);
    expect(await sweep()).toMatchObject({ files: 1 });
  });

  test("stays for a job that is made while files are looked at", async () => {
    const images = [await photo("cat.png", "red")];
    await house.context.images.take(images[0] ?? expect.fail());
    await later(2 * hourMs);
    const real = house.context.images.sweep;
    const room = {
      ...house.context,
      images: {
        ...house.context.images,
        sweep: async (options: Parameters<typeof real>[0]) => {
          await imagine({ images });
          setFileTimes(house);
          house.world.advance(2 * hourMs);
          return real({ ...options, now: house.world.now() });
        },
      },
    };
    expect(await sweepOnce(room)).toMatchObject({ files: 0 });
    expect(inputs()).toHaveLength(1);
  });
});

describe("cleaning", () => {
  test("of records is done by one process at a time, and by another when that one died; of files by each", async () => {
    const made = await make();
    await house.context.images.take(await photo("cat.png", "red"));
    await later(31 * dayMs);
    const { db } = house.database;
    const until = house.world.now() + 1_800_000;
    await db.insertInto("task_lease").values({ task: "retention", lease_until: until }).execute();
    expect(await sweep()).toEqual({ jobs: 0, members: 0, files: 1 });
    expect((await seen(made)).request.prompt).toBe("a red bicycle");
    house.world.advance(1_800_000);
    const both = await Promise.all([sweep(), sweep()]);
    expect(both.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(1);
    expect(await sweep()).toEqual({ jobs: 0, members: 0, files: 0 });
    expect(files()).toEqual([]);
  });

  test("is done at the start and then every hour, also after it failed", async () => {
    const rounds = () => house.log.lines.filter(({ message }) => message.startsWith("cleaning failed")).length;
    const room = {
      ...house.context,
      images: { ...house.context.images, sweep: () => Promise.reject(new Error("EIO")) },
    };
    const timer = createRetention(room);
    timer.start();
    while (rounds() < 1) await new Promise(setImmediate);
    house.world.advance(hourMs);
    while (rounds() < 2) await new Promise(setImmediate);
    await timer.stop();
    house.world.advance(hourMs);
    expect(rounds()).toBe(2);
  });

  test("deletes what services told long ago", async () => {
    const made = await make();
    const { id: attempt } = await house.database.db
      .selectFrom("attempt")
      .select("id")
      .where("job", "=", made.id)
      .executeTakeFirstOrThrow();
    const callback = { id: "callback-1", attempt, body: "{}", at: house.world.now() };
    await house.database.db.insertInto("callback").values(callback).execute();
    await later(31 * dayMs);
    await sweep();
    expect(await house.database.db.selectFrom("callback").selectAll().execute()).toEqual([]);
  });
});

describe("a tenant that is gone", () => {
  const admin = () => house.caller("boss", { rights: "admin" });

  test("gets back what was not sent, and loses its rules with its content", async () => {
    const held = heldUp();
    house.provider.scripts.push(held);
    await house.usecases.admin.changeRules({ blockedWords: ["secret"] }, admin());
    const running = await imagine();
    await held.sent;
    const waiting = await imagine();
    const elsewhere = await house.usecases.imagine({ prompt: "a cat" }, house.caller("member-1", { tenant: "b" }));
    await house.usecases.tenantGone("guild");
    expect((await seen(waiting)).state).toBe("cancelled");
    expect((await seen(elsewhere)).state).toBe("queued");
    expect(await house.balance()).toMatchObject({ held: 250 });
    held.release();
    expect((await house.end(running)).state).toBe("delivered");
    await later(31 * dayMs);
    await sweep();
    expect((await seen(waiting)).request.prompt).toBe("");
    expect(await house.usecases.admin.rules(admin())).toMatchObject({ blockedWords: [] });
  });

  test("keeps its rules when it comes back before that", async () => {
    await house.usecases.admin.changeRules({ blockedWords: ["secret"] }, admin());
    await house.usecases.tenantGone("guild");
    await later(20 * dayMs);
    await imagine();
    await later(11 * dayMs);
    await sweep();
    expect(await house.usecases.admin.rules(admin())).toMatchObject({ blockedWords: ["secret"] });
  });
});
