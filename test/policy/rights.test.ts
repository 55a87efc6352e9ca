import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Caller, JobView, UseCases } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let ours: JobView;
let theirs: JobView;
let hidden: JobView;

beforeAll(async () => {
  house = await openRoom();
  await house.work();
  const make = async (draft: object, caller: Caller) =>
    house.end(await house.usecases.imagine({ prompt: "a cat", ...draft }, caller));
  ours = await make({ prompt: "ours" }, house.caller("member-1"));
  hidden = await make({ prompt: "hidden", private: true }, house.caller("member-1"));
  theirs = await make({ prompt: "theirs" }, house.caller("member-9", { tenant: "elsewhere" }));
});
afterAll(() => house.close());

const callers = {
  member: () => house.caller("member-1"),
  "admin of another tenant": () => house.caller("boss-9", { rights: "admin", tenant: "elsewhere" }),
  admin: () => house.caller("boss", { rights: "admin" }),
  "operator by name": () => house.caller("operator-1"),
  "operator at the dashboard": () => house.caller("web:local", { rights: "operator" }),
} satisfies Record<string, () => Caller>;

type AdminAction = (usecases: UseCases["admin"], caller: Caller) => Promise<unknown>;

const forAdmins: Record<string, AdminAction> = {
  "limits of the tenant": (admin, caller) => admin.limit({ daily: 1000 }, caller),
  budgets: (admin, caller) => admin.budget(1000, caller),
  usage: (admin, caller) => admin.usage(7, caller),
  blocks: (admin, caller) => admin.block("discord:77", false, caller),
  rules: (admin, caller) => admin.rules(caller),
  "changes of rules": (admin, caller) => admin.changeRules({ spoiler: false }, caller),
  services: (admin, caller) => admin.providers(caller),
  auditLog: (admin, caller) => admin.auditLog(10, caller),
  members: (admin, caller) => admin.members(undefined, caller),
  jobs: (admin, caller) => admin.jobs({ limit: 10 }, caller),
  "unknown outcomes": (admin, caller) => admin.unknown(caller),
};

const forOperators: Record<string, AdminAction> = {
  grants: (admin, caller) => admin.grant("member-1", 1, caller),
  "the limit of one member": (admin, caller) => admin.limit({ member: "member-1", daily: null }, caller),
  allowances: (admin, caller) => admin.allowance(`${caller.tenant}/role:1`, 1000, caller),
  pauses: (admin, caller) => admin.pause(undefined, caller),
  "operator settings": (admin, caller) => admin.operatorSettings(caller),
};

describe("who may", () => {
  test.each(Object.entries(forAdmins))("%s: whoever manages a tenant, and operators", async (_what, action) => {
    await expect(action(house.usecases.admin, callers.member())).rejects.toMatchObject({ code: "admins-only" });
    for (const who of ["admin", "admin of another tenant", "operator by name", "operator at the dashboard"] as const) {
      await action(house.usecases.admin, callers[who]());
    }
  });

  test.each(Object.entries(forOperators))("%s: operators only", async (_what, action) => {
    for (const who of ["member", "admin", "admin of another tenant"] as const) {
      await expect(action(house.usecases.admin, callers[who]())).rejects.toMatchObject({ code: "operators-only" });
    }
    for (const who of ["operator by name", "operator at the dashboard"] as const) {
      await action(house.usecases.admin, callers[who]());
    }
  });

  test("settling a call: whoever manages a tenant, and operators, before anything is said of the call", async () => {
    const settle = (caller: Caller) => house.usecases.admin.settle("none", true, caller);
    await expect(settle(callers.member())).rejects.toMatchObject({ code: "admins-only" });
    await expect(settle(callers.admin())).rejects.toMatchObject({ code: "attempt-unknown" });
    await expect(settle(callers["operator by name"]())).rejects.toMatchObject({ code: "attempt-unknown" });
  });
});

describe("one tenant and another", () => {
  const { admin: inOurs, "admin of another tenant": inTheirs, "operator by name": operator } = callers;

  test("admins see the jobs of their own, operators those of all; private prompts only operators", async () => {
    const jobs = async (caller: Caller) =>
      (await house.usecases.admin.jobs({ limit: 10 }, caller)).map(({ prompt }) => prompt);
    expect(await jobs(inOurs())).toEqual(["", "ours"]);
    expect(await jobs(inTheirs())).toEqual(["theirs"]);
    expect(await jobs(operator())).toEqual(["theirs", "hidden", "ours"]);
    expect(await house.usecases.admin.jobs({ limit: 10, state: "failed" }, operator())).toEqual([]);
    expect(await house.usecases.admin.jobs({ limit: 1, before: hidden.id }, operator())).toMatchObject([
      { id: ours.id, charged: 125 },
    ]);
  });

  test("jobs can be narrowed to a member, a service and a tenant; no filter shows an admin another tenant", async () => {
    const { admin } = house.usecases;
    const prompts = async (filter: object, caller: Caller) =>
      (await admin.jobs({ limit: 10, ...filter }, caller)).map(({ prompt }) => prompt);
    expect(await prompts({ member: "member-9" }, operator())).toEqual(["theirs"]);
    expect(await prompts({ tenant: "guild" }, operator())).toEqual(["hidden", "ours"]);
    expect(await prompts({ provider: "service", member: "member-1" }, operator())).toEqual(["hidden", "ours"]);
    expect(await prompts({ provider: "another" }, operator())).toEqual([]);
    expect(await prompts({ tenant: "elsewhere" }, inOurs())).toEqual(["", "ours"]);
    expect(await prompts({ member: "member-9" }, inOurs())).toEqual([]);
  });

  test("admins see nothing of a job of another, as if there were none", async () => {
    const { inspect } = house.usecases.admin;
    await expect(inspect(theirs.id, inOurs())).rejects.toMatchObject({ code: "job-unknown" });
    await expect(inspect(ours.id, inTheirs())).rejects.toMatchObject({ code: "job-unknown" });
    expect(await inspect(ours.id, operator())).toMatchObject({ prompt: "ours", attempts: [{ reference: "call-1" }] });
    const seen = await inspect(ours.id, inOurs());
    expect(seen).toMatchObject({ prompt: "ours", attempts: [{ phase: "ended", outcome: "success" }] });
    expect(seen.attempts[0]).not.toHaveProperty("reference");
    expect(seen.delivery).toMatchObject({ phase: "confirmed", route: "channel", tries: 1 });
    expect(seen.transfers.map(({ kind }) => kind)).toEqual(["hold", "capture"]);
  });

  test("admins see the members of their own", async () => {
    const members = async (caller: Caller) =>
      (await house.usecases.admin.members(undefined, caller)).map(({ member }) => member);
    expect(await members(inOurs())).toEqual(["member-1"]);
    expect(await members(inTheirs())).toEqual(["member-9"]);
    expect(await members(operator())).toEqual(expect.arrayContaining(["member-1", "member-9"]));
  });

  test("admins see the spending of their own", async () => {
    const usage = async (caller: Caller) => (await house.usecases.admin.usage(1, caller)).total.charged;
    expect([await usage(inOurs()), await usage(inTheirs()), await usage(operator())]).toEqual([250, 125, 375]);
    expect((await house.usecases.admin.usage(1, inOurs())).byTenant).toEqual([]);
    const today = async (caller: Caller) => (await house.usecases.admin.usageToday(caller)).charged;
    expect([await today(inOurs()), await today(inTheirs()), await today(operator())]).toEqual([250, 125, 375]);
    expect(await house.usecases.admin.month(inTheirs())).toMatchObject({ spent: 125 });
    await expect(house.usecases.admin.tenants(1, inOurs())).rejects.toMatchObject({ code: "operators-only" });
    expect(await house.usecases.admin.tenants(1, operator())).toEqual([inOurs().tenant, inTheirs().tenant].toSorted());
  });

  test("rules, limits and blocks of one do not touch the other", async () => {
    const { admin } = house.usecases;
    await admin.changeRules({ blockedWords: ["dog"] }, inOurs());
    await admin.block("member-1", true, inOurs());
    await admin.limit({ daily: 1 }, inOurs());
    expect(await admin.rules(inTheirs())).toMatchObject({ blockedWords: [], blockedMembers: [] });
    const there = house.caller("member-1", { tenant: "elsewhere" });
    expect((await house.usecases.imagine({ prompt: "a dog" }, there)).state).toBe("queued");
    const here = house.usecases.imagine({ prompt: "a cat" }, house.caller("member-1"));
    await expect(here).rejects.toMatchObject({ code: "member-blocked" });
  });

  test("audit entries are seen where things were done, and by operators", async () => {
    const tenants = async (caller: Caller) =>
      new Set((await house.usecases.admin.auditLog(100, caller)).map(({ tenant }) => tenant));
    expect(await tenants(inOurs())).toEqual(new Set(["guild"]));
    expect(await tenants(inTheirs())).toEqual(new Set(["elsewhere"]));
    expect(await tenants(operator())).toEqual(new Set(["guild", "elsewhere"]));
  });
});
