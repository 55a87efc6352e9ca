import { writeFileSync } from "node:fs";
import path from "node:path";
import { sql } from "kysely";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller, JobView } from "../../../src/contract/usecases.ts";
import { invariants } from "../../../src/store/audit.ts";
import { sweepOnce } from "../../../src/usecases/privacy/retention.ts";
import { failWith, heldUp } from "../../support/services/scripted-provider.ts";
import { onBothStores } from "../../support/stores.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../../worker/spool-clock.ts";

const dayMs = 86_400_000;
const member = "slack:T1:U0SECRET";
/** Traces that only this member can have left: words, keys and names. */
const traces = [member, "U0SECRET", "unicorn", "Ada Lovelace", "C0PLACE", "m0message", "moderated because"];

onBothStores("deleting a member's data", (store) => {
  let house: TestBot;
  let inbound = 0;
  beforeEach(async () => {
    house = await openRoom({ database: await store.open(), tenantMonthly: 1_000_000 });
    await house.work();
  });
  afterEach(() => house.close());

  const me = (given: Partial<Caller> = {}) =>
    house.caller(member, {
      tenant: "slack:T1",
      name: "Ada Lovelace",
      replyTarget: JSON.stringify({ channel: "C0PLACE" }),
      inbound: `slack:T1:U0SECRET:${++inbound}`,
      ...given,
    });
  const ask = (given: Partial<Caller> = {}, draft = {}) =>
    house.usecases.imagine({ prompt: "a red unicorn", ...draft }, me(given));
  const make = async (given: Partial<Caller> = {}, draft = {}) => house.end(await ask(given, draft));

  /** Every word of every table, but the record of who did what. */
  async function dump(): Promise<string> {
    const names = (await house.database.db.introspection.getTables()).flatMap(({ name, isView }) =>
      isView ? [] : name,
    );
    const tables = names
      .filter((name) => name !== "audit_entry")
      .map((name) => sql`select * from ${sql.table(name)}`.execute(house.database.db));
    return JSON.stringify((await Promise.all(tables)).map(({ rows }) => rows));
  }

  /** Lists what the database itself finds wrong with ledger and jobs. */
  async function badViews(): Promise<unknown[]> {
    const all = Object.keys(invariants).map((name) => sql`select * from ${sql.table(name)}`.execute(house.database.db));
    return (await Promise.all(all)).flatMap(({ rows }) => rows);
  }

  async function allKindsOfJobs(): Promise<JobView[]> {
    const file = path.join(house.folder, "cat.png");
    const size = { width: 64, height: 64, channels: 3 as const };
    writeFileSync(
      file,
      await sharp({ create: { ...size, background: "red" } })
        .png()
        .toBuffer(),
    );
    const done = await make({}, { images: [{ filename: "cat.png", source: { path: file } }] });
    house.provider.scripts.push(failWith(new Error("moderated because of the unicorn")));
    const failed = await make();
    const alone = await make({ tenant: "slack:dm:T1:U0SECRET" });
    house.answers.push({ route: "channel", message: "m0message", messages: ["m0message"] });
    const posted = await make();
    await house.database.db
      .insertInto("posted_message")
      .values({ message: "m0message", job: posted.id })
      .onConflict((conflict) => conflict.column("message").doNothing())
      .execute();
    return [done, failed, alone, posted];
  }

  async function nextDay(): Promise<void> {
    setFileTimes(house);
    house.world.advance(dayMs + 1); // what is unpaid counts for 24 hours
    await sweepOnce(house.context);
  }

  test("leaves no trace in the tables or on the disk but the money, under a name that nobody knows", async () => {
    const jobs = await allKindsOfJobs();
    await house.usecases.changeSettings({ size: "2K" }, me());
    await house.usecases.imagine({ prompt: "somebody else's cat" }, house.caller("slack:T1:U2"));
    const before = await dump();
    for (const trace of traces) expect(before, trace).toContain(trace);
    const spent = (await house.usecases.credits(me())).movements.filter(({ kind }) => kind === "spent");

    expect(await house.usecases.deleteData(me())).toEqual({ jobs: jobs.length });
    const at = await dump();
    for (const trace of ["unicorn", "Ada Lovelace", "C0PLACE", "m0message", "moderated because"]) {
      expect(at, trace).not.toContain(trace);
    }
    await nextDay();
    const after = await dump();
    for (const trace of traces) expect(after, trace).not.toContain(trace);
    expect(after).toContain("somebody else's cat");
    const hashes = jobs.flatMap(({ images, request }) =>
      [...images, ...request.references].map(({ sha256 }) => sha256),
    );
    expect(spoolFiles(house).filter(({ file }) => hashes.some((hash) => file.includes(hash)))).toEqual([]);
    for (const job of jobs.flatMap(({ images }) => images)) {
      expect(spoolFiles(house).map(({ file }) => file)).not.toContain(job.file);
    }
    const paid = await house.database.db.selectFrom("transfer").selectAll().where("kind", "=", "capture").execute();
    expect(paid.filter(({ debit }) => debit.startsWith("held:erased:")).map(({ amount }) => -amount)).toEqual(
      spent.map(({ amount }) => amount),
    );
    expect(await badViews()).toEqual([]);
  });

  test("gives no second allowance on the day, and a new account afterwards", async () => {
    await make({}, { count: 8 });
    await house.usecases.deleteData(me());
    await sweepOnce(house.context);
    expect((await house.usecases.credits(me())).available).toBe(4000);
    await nextDay();
    expect(await house.usecases.credits(me())).toMatchObject({ available: 5000, movements: [{ kind: "top-up" }] });
  });

  test("cancels what waits, lets what runs come to its end, and then deletes that too", async () => {
    const held = heldUp();
    house.provider.scripts.push(held);
    const running = await ask();
    await held.sent;
    const waiting = await ask();
    expect(await house.usecases.deleteData(me())).toEqual({ jobs: 1 });
    expect((await house.usecases.job(waiting.id, me())).state).toBe("cancelled");
    expect((await house.usecases.job(running.id, me())).request.prompt).toBe("a red unicorn");
    await nextDay();
    expect(await dump()).toContain(member);
    held.release();
    expect((await house.end(running)).state).toBe("delivered");
    expect(house.posted).toHaveLength(1);
    await nextDay();
    for (const trace of traces) expect(await dump(), trace).not.toContain(trace);
    expect(spoolFiles(house)).toEqual([]);
  });

  test("is the same when it is asked twice, and does not touch what is made afterwards", async () => {
    await make();
    expect(await house.usecases.deleteData(me())).toEqual({ jobs: 1 });
    expect(await house.usecases.deleteData(me())).toEqual({ jobs: 0 });
    house.world.advance(1000);
    const after = await make();
    expect((await house.usecases.history(me(), { limit: 10 })).map(({ id }) => id)).toEqual([after.id]);
    await nextDay();
    expect((await house.usecases.job(after.id, me())).request.prompt).toBe("a red unicorn");
    await expect(house.usecases.deleteData(me())).resolves.toEqual({ jobs: 1 });
  });

  test("leaves blocks as they are: leaving and coming back ends none", async () => {
    await make();
    await house.usecases.admin.block(member, true, house.caller("operator-1"));
    await house.usecases.deleteData(me());
    await nextDay();
    await expect(ask()).rejects.toMatchObject({ code: "member-blocked" });
  });
});

describe("exporting a member's data", () => {
  test("gives account, jobs and settings as JSON, and the images that are still there", async () => {
    const house = await openRoom();
    await house.work();
    const file = path.join(house.folder, "cat.png");
    writeFileSync(
      file,
      await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
        .png()
        .toBuffer(),
    );
    const images = [{ filename: "cat.png", source: { path: file } }];
    const made = await house.end(
      await house.usecases.imagine({ prompt: "a unicorn", count: 2, images }, house.caller()),
    );
    const gone = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
    await house.usecases.remove(gone.id, house.caller());
    await house.usecases.imagine({ prompt: "not mine" }, house.caller("member-2"));
    await house.usecases.changeSettings({ quality: "high" }, house.caller());
    const data = await house.usecases.exportData(house.caller());
    const document = JSON.parse(data.document.join(""));
    expect(document).toMatchObject({
      member: "member-1",
      account: { available: 4625, held: 0 },
      settings: { quality: "high" },
      jobs: [
        {
          id: made.id,
          state: "delivered",
          charged: 250,
          request: { prompt: "a unicorn", count: 2 },
          references: [`${made.id}-reference-1.png`],
          images: [`${made.id}-image-1.png`, `${made.id}-image-2.png`],
        },
      ],
    });
    expect(document.movements).toHaveLength(3);
    expect(data.document.join("")).not.toContain("not mine");
    expect(data.images.map(({ name }) => name).sort()).toEqual([
      `${made.id}-image-1.png`,
      `${made.id}-image-2.png`,
      `${made.id}-reference-1.png`,
    ]);
    const [one, other] = [house.usecases.exportData(house.caller()), house.usecases.exportData(house.caller())];
    expect(one).toBe(other); // one at a time for a member
    expect(house.usecases.exportData(house.caller("member-2"))).not.toBe(one);
    expect(JSON.parse((await one).document.join(""))).toMatchObject({ jobs: [{ id: made.id }] });
    for (const { path: where, bytes } of data.images) expect((await sharp(where).metadata()).size ?? bytes).toBe(bytes);
    await house.close();
  });
});
