import { beforeEach, expect, test } from "vitest";
import { settleUnknown } from "../../src/credits/spend.ts";
import { erasableJobs, eraseJob } from "../../src/jobs/erase.ts";
import { memberList } from "../../src/jobs/member-list.ts";
import { renameMember } from "../../src/jobs/rename-member.ts";
import { memberNames, usageBy, usageByMember } from "../../src/jobs/usage.ts";
import { audit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { openTestLedger, type TestLedger } from "../support/test-ledger.ts";

const names = { pseudonym: "erased:nobody", alone: "discord:dm:1" };

onBothStores("what was used", (store) => {
  let database: Database;
  let ledger: TestLedger;

  beforeEach(async () => {
    database = await store.open();
    ledger = openTestLedger(database);
  });

  const by = async (key: "member" | "provider" | "tenant", tenant?: string) => {
    const scope = { since: 0, tenant };
    const rows = await (key === "member"
      ? usageByMember(database, scope, 10)
      : usageBy(database.db, scope, 10).then((by) => by[key]));
    return Object.fromEntries(rows.map(({ name, ...sums }) => [name, sums]));
  };
  const sums = (jobs: number, images: number, charged: number, spent: number) => ({ jobs, images, charged, spent });

  const delivered = async (id: string, given: { member?: string; tenant?: string } = {}) => {
    const job = await ledger.accept({ id, amount: 100, ...given });
    await ledger.send(job);
    await ledger.receive(job, 90);
    await ledger.post(job, 90);
  };
  const unknown = async (id: string) => {
    const job = await ledger.accept({ id, amount: 100 });
    await ledger.send(job);
    await ledger.fail(job, "unknown");
  };
  const erase = (id: string) => database.transaction((trx) => eraseJob(trx, id, ledger.world.now()));

  test("counts a job from its beginning, its images once they are there, and money once it moved", async () => {
    const job = await ledger.accept({ id: "job", amount: 100 });
    expect(await by("member")).toEqual({ "discord:1": sums(1, 0, 0, 0) });
    await ledger.send(job);
    await ledger.receive(job, 90);
    expect(await by("provider")).toEqual({ service: sums(1, 1, 0, 80) });
    await ledger.post(job, 90);
    expect(await by("provider")).toEqual({ service: sums(1, 1, 90, 80) });
    expect(await by("member", "elsewhere")).toEqual({});
    expect(await audit(database.db)).toEqual([]);
  });

  test("counts what a service charged for a job that had ended before, and images that nobody paid for", async () => {
    await unknown("lost");
    const unposted = await ledger.accept({ id: "unposted", amount: 100 });
    await ledger.send(unposted);
    await ledger.receive(unposted, 90);
    await ledger.give(unposted);
    await ledger.cancel(await ledger.accept({ id: "cancelled", amount: 100 }));
    expect(await by("tenant")).toEqual({ guild: sums(3, 1, 0, 80) });
    const call = { attempt: "lost-1", job: "lost", provider: "service", amount: 80, billed: true };
    await database.transaction((trx) => settleUnknown(trx, ledger.world, call));
    await database.db.updateTable("attempt").set({ settled: "billed" }).where("id", "=", "lost-1").execute();
    expect(await by("tenant")).toEqual({ guild: sums(3, 1, 0, 160) });
    expect(await audit(database.db)).toEqual([]);
  });

  test("stays when contents are erased, and shows a name as long as a job has one", async () => {
    await delivered("first");
    await delivered("second", { tenant: "elsewhere" });
    const here = () => memberList(database.db, { tenant: "guild", search: "", limit: 10 });
    expect(await here()).toMatchObject([{ member: "discord:1", name: "Member 1", charged: 90, jobs: 1 }]);
    await erase("first");
    expect(await memberNames(database.db, undefined)).toEqual(new Map([["discord:1", "Member 1"]]));
    await erase("second");
    expect(await here()).toMatchObject([{ member: "discord:1", name: "", charged: 90, jobs: 1 }]);
    expect(await memberNames(database.db, undefined)).toEqual(new Map());
    expect(await by("member")).toEqual({ "discord:1": sums(2, 2, 180, 160) });
    expect(await audit(database.db)).toEqual([]);
  });

  test("goes to a pseudonym when a member is forgotten, without what they asked for since", async () => {
    for (const tenant of ["guild", names.alone]) await delivered(`in ${tenant}`, { tenant });
    const now = ledger.world.now();
    for (const id of await erasableJobs(database.db, { member: "discord:1", now, limit: 9 })) await erase(id);
    await delivered("since then");
    await ledger.accept({ id: "just now", amount: 100 });
    await database.transaction((trx) => renameMember(trx, "discord:1", names));
    expect(await by("member")).toEqual({
      [names.pseudonym]: sums(2, 2, 180, 160),
      "discord:1": sums(2, 1, 90, 80),
    });
    expect(await by("tenant")).toEqual({ guild: sums(3, 2, 180, 160), [names.pseudonym]: sums(1, 1, 90, 80) });
    const left = await memberList(database.db, { tenant: undefined, search: "", limit: 10 });
    expect(left).toMatchObject([{ member: "discord:1", charged: 90, jobs: 2 }]);
    const bad = (await audit(database.db)).filter(({ view }) => /usage|total/.test(view));
    expect(bad).toEqual([]);
  });

  test("names those who used most since a day, also where others used more before it", async () => {
    const day = 86_400_000;
    for (const job of ["a", "b", "c"]) await delivered(`old ${job}`, { member: "discord:old" });
    for (const job of ["a", "b"]) await delivered(`older ${job}`, { member: "discord:older" });
    ledger.world.advance(10 * day);
    const since = Math.floor(ledger.world.now() / day) * day;
    const most = async (limit: number) =>
      (await usageByMember(database, { since }, limit)).map(({ name, jobs }) => [name, jobs]);
    await delivered("new", { member: "discord:new" });
    expect(await most(1)).toEqual([["discord:new", 1]]);
    for (const job of ["d", "e"]) await delivered(`again ${job}`, { member: "discord:old" });
    expect(await most(1)).toEqual([["discord:old", 2]]);
    await ledger.accept({ id: "just now", amount: 100, member: "discord:newest" });
    expect(await most(2)).toEqual([
      ["discord:old", 2],
      ["discord:new", 1],
    ]);
    expect(await most(9)).toEqual([
      ["discord:old", 2],
      ["discord:new", 1],
      ["discord:newest", 1],
    ]);
  });

  test("lists members of everywhere with what waits, and those who were only given credits last", async () => {
    await delivered("first", { member: "discord:a" });
    await delivered("there", { member: "discord:a", tenant: "elsewhere" });
    await delivered("second", { member: "discord:b" });
    await ledger.accept({ id: "waits", amount: 100, member: "discord:c" });
    await database.db.insertInto("account").values({ id: "member:discord:d", balance: 0 }).execute();
    const list = async (limit: number, search = "") =>
      (await memberList(database.db, { tenant: undefined, search, limit })).map(({ member, jobs }) => [member, jobs]);
    expect(await list(1)).toEqual([["discord:a", 2]]);
    const all = [
      ["discord:a", 2],
      ["discord:b", 1],
      ["discord:c", 1],
      ["discord:d", 0],
    ];
    expect(await list(9)).toEqual(all);
    expect(await list(9, "DISCORD:")).toEqual(all);
    expect(await list(9, "discord:c")).toEqual([["discord:c", 1]]);
    expect(await list(9, "discord:d")).toEqual([["discord:d", 0]]);
    expect(await list(9, "nobody")).toEqual([]);
  });
});
