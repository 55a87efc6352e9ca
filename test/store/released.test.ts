import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { measuredOf } from "../../src/jobs/durations.ts";
import { searchJobs } from "../../src/jobs/history.ts";
import { expireAllLeases } from "../../src/jobs/leases.ts";
import { allInputs, neededInputs } from "../../src/jobs/referred.ts";
import { memberSettingsOf, rulesOf } from "../../src/policy/documents.ts";
import { audit } from "../../src/store/audit.ts";
import { findConfirmation } from "../../src/store/confirmations.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { leavingMembers, tenantsRemovedBefore } from "../../src/store/departures.ts";
import { fill, linkParents, type Page } from "../../src/store/dump.ts";
import { createInstallationStore } from "../../src/store/installations.ts";
import { linkKey } from "../../src/store/link-key.ts";
import { onBothStores, type TestStore } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

/**
 * A database of the first released program (530481f), as it dumped it: a job in every state, a call under way, an
 * open question with a file, settings, rules, an audit log, a member who is leaving and a tenant that is gone.
 */
const pages = JSON.parse(
  readFileSync(new URL("../fixtures/released-database.json", import.meta.url), "utf8"),
) as readonly Page[];

const rowsOf = (table: string) => pages.filter((page) => page.table === table).flatMap(({ rows }) => rows);

async function openReleased(store: TestStore): Promise<Database> {
  const place = await store.place();
  const released = await openDatabase({ ...place, upTo: "0002-records" });
  await released.transaction(async (trx) => {
    const parents = new Map<string, string>();
    for (const page of pages) await fill(trx, page, parents);
    await linkParents(trx, parents);
  });
  await released.close();
  return store.open(place);
}

onBothStores("a database of the released version", (store) => {
  test("is migrated with all that is in it, and is consistent", async () => {
    const { db } = await openReleased(store);
    expect(await audit(db)).toEqual([]);
    const jobs = await db.selectFrom("job").select(["id", "state", "reply_target", "request"]).orderBy("id").execute();
    expect(jobs).toEqual(
      rowsOf("job").map(({ id, state, place, request }) => ({ id, state, reply_target: place, request })),
    );
    expect(new Set(jobs.map(({ state }) => state)).size).toBe(7);
    expect(await db.selectFrom("audit_entry").selectAll().orderBy("id").execute()).toEqual(rowsOf("deed"));
    expect(await db.selectFrom("posted_message").selectAll().orderBy("message").execute()).toEqual(rowsOf("posted"));
    expect(await db.selectFrom("transfer").selectAll().orderBy("id").execute()).toEqual(rowsOf("transfer"));
    const spending = await db
      .selectFrom("daily_spending")
      .select((e) => e.fn.sum("amount").as("sum"))
      .executeTakeFirst();
    expect(Number(spending?.sum)).toBe(250 + 125 + 125 + 125 + 375 + 125); // what ended undeliverable counts, too
  });

  test("finds jobs by columns that were part of their requests", async () => {
    const { db } = await openReleased(store);
    const found = async (...words: string[]) =>
      (await searchJobs(db, "ann", { limit: 5, words })).map(({ request }) => request.prompt);
    expect(await found("rôtes", "FAHRRAD,", "100%_")).toEqual(["Ein RÔTES Fahrrad, 100%_neu"]);
    expect(await found("quality")).toEqual([]);
    expect((await measuredOf(db, "service")).map(({ quality }) => quality)).toContain("low");
    const counts = await db.selectFrom("job").select("image_count").where("member", "=", "gus").execute();
    expect(counts.map(({ image_count }) => image_count).sort()).toEqual([1, 1, 3]);
  });

  test("keeps the files that jobs and open questions start from", async () => {
    const { db } = await openReleased(store);
    const files: string[] = [];
    for await (const some of allInputs(db)) files.push(...some);
    expect(files).toHaveLength(4); // hat and dog, the running cat, the one of the question; not the erased one
    const { finished_at: lastEnd } = await db
      .selectFrom("job")
      .select((e) => e.fn.max("finished_at").as("finished_at"))
      .executeTakeFirstOrThrow();
    expect((await neededInputs(db, [...files, "inputs/stranger"], { inputsSince: (lastEnd ?? 0) + 1 })).size).toBe(2);
  });

  test("has its flags, secrets and open questions in tables of their own", async () => {
    const { db, ...rest } = await openReleased(store);
    const now = testWorld().now();
    expect((await leavingMembers(db)).map(({ member }) => member)).toEqual(["dan"]);
    expect((await tenantsRemovedBefore(db, now * 2)).map(({ tenant }) => tenant)).toEqual(["elsewhere"]);
    expect(await linkKey(db, { key: "a new one", now })).toBe("released-link-key");
    const installations = createInstallationStore({ db, ...rest }, () => now);
    expect(await installations.list("slack:")).toEqual([{ key: "slack:T1", sealed: "sealed-by-the-released-version" }]);
    const question = rowsOf("setting").find(({ id }) => String(id).startsWith("question:"));
    const confirmation = await findConfirmation(db, String(question?.id).slice("question:".length));
    expect(confirmation).toMatchObject({ caller: { member: "ann", replyTarget: "{}" }, total: 625 });
    expect((await db.selectFrom("setting").select("id").orderBy("id").execute()).map(({ id }) => id)).toEqual([
      "member:ann",
      "tenant:guild",
    ]);
    expect(await memberSettingsOf(db, "ann")).toMatchObject({ quality: "high" });
    expect(await rulesOf(db, "guild")).toMatchObject({ blockedWords: ["secret"] });
    await expireAllLeases(db);
    expect(await audit(db)).toEqual([]);
  });
});
