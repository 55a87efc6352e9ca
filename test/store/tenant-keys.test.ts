import { expect, test } from "vitest";
import { attemptsOf, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import type { Database } from "../../src/store/database.ts";
import {
  eraseRemovedKey,
  eraseRemovedKeys,
  findTenantKey,
  lockTenantKey,
  noteKeyTrouble,
  putTenantKey,
  removeTenantKey,
  removeTenantKeys,
  renameKeyMember,
  tenantKeysOf,
} from "../../src/store/tenant-keys.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

const key = (given: object = {}) => ({
  ...{ id: "k1", tenant: "guild", service: "openai", sealed: "sealed" },
  ...{ added_at: 1000, added_by: "discord:1", added_name: "Ada", ...given },
});
const ids = async (db: Database["db"], tenant = "guild") => (await tenantKeysOf(db, tenant)).map(({ id }) => id);

/** A call by a key that is under way. */
async function send(database: Database, tenantKey: string): Promise<void> {
  const { db, transaction } = database;
  await transaction((trx) => enqueue(trx, newJob(testWorld(), { id: "j1", tenant: "guild", payer: "tenant" })));
  const claim = { now: 1, owner: "me", leaseUntil: 1000, wanted: 1 };
  const [job] = await claimJobs(database, { perMember: 1, perProvider: {}, payer: "tenant" }, claim);
  if (!job) throw new Error("nothing was claimed");
  expect(job.payer).toBe("tenant");
  const attempt = { id: "a1", asked: 1, callbackHash: undefined, tenantKey, now: 1 };
  await transaction((trx) => writeAhead(trx, job, attempt, 1));
  expect((await attemptsOf(db, "j1"))[0]?.tenant_key).toBe(tenantKey);
}

onBothStores("keys of tenants", (store) => {
  test("a tenant has one key for a service; a new one takes the place of the old one, of its own tenant only", async () => {
    const { db, transaction } = await store.open();
    expect(await transaction((trx) => putTenantKey(trx, key()))).toBe(false);
    expect(await transaction((trx) => putTenantKey(trx, key({ id: "k2", tenant: "other" })))).toBe(false);
    expect(await transaction((trx) => putTenantKey(trx, key({ id: "k3" })))).toBe(true);
    expect(await ids(db)).toEqual(["k3"]);
    expect(await ids(db, "other")).toEqual(["k2"]);
    expect(await findTenantKey(db, "k1")).toBeUndefined();
  });

  test("a removed key is erased at once when no call was sent by it", async () => {
    const { db, transaction } = await store.open();
    await transaction((trx) => putTenantKey(trx, key()));
    expect(await transaction((trx) => lockTenantKey(trx, "k1"))).toBe(true);
    expect(await transaction((trx) => removeTenantKey(trx, key({ tenant: "other" }), 2000))).toBe(false);
    expect(await transaction((trx) => removeTenantKey(trx, key(), 2000))).toBe(true);
    expect(await transaction((trx) => removeTenantKey(trx, key(), 2000))).toBe(false);
    expect(await findTenantKey(db, "k1")).toBeUndefined();
    expect(await transaction((trx) => lockTenantKey(trx, "k1"))).toBe(false);
  });

  test("a removed key stays until the call that was sent by it has ended, and nothing more is sent by it", async () => {
    const database = await store.open();
    const { db, transaction } = database;
    await transaction((trx) => putTenantKey(trx, key()));
    await send(database, "k1");
    await transaction((trx) => removeTenantKeys(trx, "guild", 2000));
    await eraseRemovedKeys(db);
    expect(await ids(db)).toEqual([]);
    expect(await findTenantKey(db, "k1")).toMatchObject({ sealed: "sealed", removed_at: 2000 });
    expect(await transaction((trx) => lockTenantKey(trx, "k1"))).toBe(false);
    await db.updateTable("attempt").set({ phase: "ended", outcome: "unknown" }).where("id", "=", "a1").execute();
    await transaction((trx) => eraseRemovedKey(trx, "k1"));
    expect(await findTenantKey(db, "k1")).toBeUndefined();
  });

  test("what is left of a removed key is erased by whoever looks after it, and a key in use never is", async () => {
    const database = await store.open();
    const { db, transaction } = database;
    await transaction((trx) => putTenantKey(trx, key()));
    await send(database, "k1");
    await transaction((trx) => putTenantKey(trx, key({ id: "k2" })));
    await db.updateTable("attempt").set({ phase: "ended", outcome: "unknown" }).where("id", "=", "a1").execute();
    await eraseRemovedKeys(db);
    expect(await findTenantKey(db, "k1")).toBeUndefined();
    await transaction((trx) => eraseRemovedKey(trx, "k2"));
    expect(await ids(db)).toEqual(["k2"]);
  });

  test("trouble is noted with the time since when it lasts, until a call goes well", async () => {
    const { db, transaction } = await store.open();
    await transaction((trx) => putTenantKey(trx, key()));
    const note = (trouble: "key" | "money" | null, now: number) =>
      transaction((trx) => noteKeyTrouble(trx, "k1", trouble, now));
    const since = async () =>
      (await tenantKeysOf(db, "guild")).flatMap(({ trouble, trouble_at }) => (trouble ? [[trouble, trouble_at]] : []));
    await note(null, 1);
    expect(await since()).toEqual([]);
    await note("money", 5);
    await note("money", 9);
    expect(await since()).toEqual([["money", 5]]);
    await note("key", 10);
    expect(await since()).toEqual([["key", 10]]);
    await note(null, 11);
    expect(await since()).toEqual([]);
  });

  test("the name of a member who is forgotten goes, and the key stays with its tenant", async () => {
    const { db, transaction } = await store.open();
    await transaction((trx) => putTenantKey(trx, key()));
    await transaction((trx) => renameKeyMember(trx, "discord:1", "erased:x"));
    expect(await tenantKeysOf(db, "guild")).toMatchObject([{ added_by: "erased:x", added_name: "" }]);
  });

  test("the running figure of a tenant keeps apart what its own keys pay, over all changes of a job", async () => {
    const { db, transaction } = await store.open();
    const world = testWorld();
    const add = (id: string, payer: "operator" | "tenant") =>
      transaction((trx) => enqueue(trx, newJob(world, { id, tenant: "guild", payer, held: 100 })));
    await add("j1", "operator");
    await add("j2", "tenant");
    await add("j3", "tenant");
    const figures = async () => {
      const rows = await db.selectFrom("daily_spending").selectAll().execute();
      const sum = (isOwn: boolean) =>
        rows.filter(({ part }) => part >= 16 === isOwn).reduce((all, { amount }) => all + amount, 0);
      return { operator: sum(false), tenant: sum(true) };
    };
    expect(await figures()).toEqual({ operator: 100, tenant: 200 });
    await db.updateTable("job").set({ state: "cancelled" }).where("id", "=", "j3").execute();
    expect(await figures()).toEqual({ operator: 100, tenant: 100 });
    await db.updateTable("job").set({ state: "cancelled" }).where("id", "=", "j1").execute();
    expect(await figures()).toEqual({ operator: 0, tenant: 100 });
  });
});
