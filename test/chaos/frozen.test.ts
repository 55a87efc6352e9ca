import { sql } from "kysely";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { callFindings, isOver, moneyFindings, ownFindings, readRows } from "../support/chaos/findings.ts";
import { randomFrom } from "../support/chaos/random.ts";
import { openStage, type Stage } from "./stage.ts";

/** Real processes on one PostgreSQL that are frozen, or start at the same moment. */
let stage: Stage;
let database: Database;

beforeEach(async () => {
  stage = await openStage({
    engine: "postgres",
    server: { url: inject("postgresUrl") },
    random: randomFrom(1),
    holding: true,
  });
});
afterEach(async () => {
  for (const bot of stage.living()) bot.kill("SIGCONT");
  await database.close();
  await stage.close();
});

const open = async () => {
  database = await openDatabase({ url: stage.databaseUrl, dataDir: "unused" });
};

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  while (!(await look())) {
    if (Date.now() > giveUpAt) throw new Error(`waited in vain: ${what}`);
    await new Promise(setImmediate);
  }
}

const inOrder = async () => {
  const rows = await readRows(database);
  expect([...(await ownFindings(database)), ...moneyFindings(rows), ...callFindings(rows)]).toEqual([]);
  return rows;
};

test("a process that was frozen past its lease changes nothing; what it received is posted once, free", async () => {
  const { discord, service } = stage;
  const frozen = stage.start({ ROLES: "gateway,worker" });
  await frozen.ready;
  await open();
  service.answerNext({ kind: "hang" });
  discord.command(discord.user("Ann"), "imagine", { prompt: "a red bicycle" });
  await service.arrived(1);
  frozen.kill("SIGSTOP");
  await database.db.updateTable("job").set({ lease_until: 0 }).execute(); // a minute later
  const heir = stage.start({ ROLES: "worker" });
  await heir.ready;
  const state = async () => (await database.db.selectFrom("job").select("state").executeTakeFirstOrThrow()).state;
  await until("the heir gives the call up", async () => (await state()) === "failed");
  service.release();
  frozen.kill("SIGCONT");
  await until("the late result is posted", async () => (await state()) === "delivered");
  expect(service.requests).toHaveLength(1);
  await discord.until(() => discord.messages(discord.general).length === 1, "the images");
  const { job, transfer } = await inOrder();
  expect(job).toMatchObject([{ state: "delivered", charged: 0 }]);
  expect(transfer.filter(({ kind }) => kind === "capture")).toEqual([]);
  expect(frozen.alive && heir.alive).toBe(true);
}, 90_000);

test("three processes that start at once on an empty database bring it up once, and share the work", async () => {
  const { discord, service } = stage;
  const bots = [stage.start(), stage.start(), stage.start()];
  expect(await Promise.all(bots.map(({ ready }) => ready))).not.toContain(undefined);
  await open();
  for (let i = 0; i < 9; i++) discord.command(discord.user(`member-${i}`), "imagine", { prompt: `picture ${i}` });
  await discord.until(() => discord.messages(discord.general).length === 9, "nine results");
  await until("every job is over", async () => (await readRows(database)).job.every(isOver));
  expect((await inOrder()).job).toHaveLength(9);
  expect(new Set(service.requests.map(({ fields }) => fields.prompt)).size).toBe(9);
  expect(service.requests).toHaveLength(9);
}, 60_000);

test("a process that freezes in the middle of a transaction does not hold the others up for ever", async () => {
  await open();
  const asked = sql<{ limit: string }>`select current_setting('idle_in_transaction_session_timeout') as limit`;
  expect((await database.transaction((trx) => asked.execute(trx))).rows).toEqual([{ limit: "5s" }]);
});
