import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OperatorSettings, TenantRules } from "../../src/contract/settings.ts";
import type { Caller, Draft } from "../../src/contract/usecases.ts";
import { operatorId, tenantId } from "../../src/policy/documents.ts";
import { paused } from "../../src/policy/rules.ts";
import { writeSetting } from "../../src/store/settings.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const set = (id: string, document: object) =>
  house.database.transaction((trx) => writeSetting(trx, id, document, house.world.now()));
const rules = (change: Partial<TenantRules>) => set(tenantId("guild"), change);
const operator = (change: Partial<OperatorSettings>) => set(operatorId, change);
const ask = (given: Partial<Caller> = {}, draft: Partial<Draft> = {}) =>
  house.usecases.imagine({ prompt: "a red bicycle", ...draft }, house.caller("member-1", given));
const price = (given: Partial<Caller> = {}, draft: Partial<Draft> = {}) =>
  house.usecases.quote({ prompt: "a red bicycle", ...draft }, house.caller("member-1", given));

type Case = [
  what: string,
  rules: Partial<TenantRules>,
  operator: Partial<OperatorSettings>,
  given: Partial<Caller>,
  draft: Partial<Draft>,
];

const refused: (readonly [...Case, code: string, facts: object])[] = [
  [
    "while the operator has paused",
    {},
    { paused: { reason: "maintenance", operator: "operator-1", at: 0 } },
    {},
    {},
    "paused",
    { reason: "maintenance" },
  ],
  [
    "whom the operator blocked",
    {},
    { blockedMembers: ["member-1"] },
    { tenant: "elsewhere" },
    {},
    "member-blocked",
    {},
  ],
  ["whom the tenant blocked", { blockedMembers: ["member-1"] }, {}, {}, {}, "member-blocked", {}],
  ["in another channel", { channels: ["c1"] }, {}, { channel: "c2" }, {}, "channel-not-allowed", { channels: ["c1"] }],
  ["where the channel is not known", { channels: ["c1"] }, {}, {}, {}, "channel-not-allowed", { channels: ["c1"] }],
  [
    "who has none of the roles",
    { roles: ["2"] },
    {},
    { roles: ["guild/role:12"] },
    {},
    "role-not-allowed",
    { roles: ["2"] },
  ],
  ["who has no roles at all", { roles: ["2"] }, {}, {}, {}, "role-not-allowed", { roles: ["2"] }],
  ["a blocked word", { blockedWords: ["Bicycle"] }, {}, {}, {}, "word-blocked", { word: "Bicycle" }],
  [
    "little moderation where the tenant does not want it",
    {},
    {},
    { mature: true },
    { moderation: "low" },
    "mature-only",
    {},
  ],
  ["little moderation in a channel for all", { mature: true }, {}, {}, { moderation: "low" }, "mature-only", {}],
];

describe("refuses, in quotes as in jobs, and holds nothing", () => {
  test.each(refused)("%s", async (_what, tenantRules, operatorRules, given, draft, code, facts) => {
    await rules(tenantRules);
    await operator(operatorRules);
    await expect(ask(given, draft)).rejects.toMatchObject({ code, facts });
    await expect(price(given, draft)).rejects.toMatchObject({ code, facts });
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });
});

describe("takes", () => {
  test.each<Case>([
    ["the allowed channel", { channels: ["c1", "c2"] }, {}, { channel: "c2" }, {}],
    ["one of the roles, by its id", { roles: ["1", "2"] }, {}, { roles: ["guild/role:2"] }, {}],
    ["one of the roles, by its key", { roles: ["guild/role:2"] }, {}, { roles: ["guild/role:2"] }, {}],
    ["whom another tenant blocked", { blockedMembers: ["member-1"] }, {}, { tenant: "elsewhere" }, {}],
    ["a word within another", { blockedWords: ["cycle"] }, {}, {}, {}],
  ])("%s", async (_what, tenantRules, operatorRules, given, draft) => {
    await rules(tenantRules);
    await operator(operatorRules);
    expect((await ask(given, draft)).state).toBe("queued");
    expect((await price(given, draft)).total).toBe(125);
  });

  test("little moderation in a channel for adults where the tenant wants it", async () => {
    await rules({ mature: true });
    const view = await ask({ mature: true }, { moderation: "low" });
    // The scripted service knows only its usual moderation.
    expect(view.changes).toContainEqual({ code: "option-dropped", option: "moderation" });
  });
});

test("the same event gives its job even when the rules have changed since", async () => {
  const caller = house.caller();
  const made = await house.usecases.imagine({ prompt: "a cat" }, caller);
  await operator({ paused: { reason: "", operator: "operator-1", at: 0 } });
  expect((await house.usecases.imagine({ prompt: "a cat" }, caller)).id).toBe(made.id);
});

test("buttons obey the rules of where they are pressed", async () => {
  const made = await ask();
  await rules({ channels: ["c1"] });
  const of = { job: made.id };
  await expect(house.usecases.again(made.id, house.caller())).rejects.toMatchObject({ code: "channel-not-allowed" });
  await house.usecases.changeSettings({ confirmAbove: 0 }, house.caller());
  await expect(house.usecases.ask({ kind: "again", of }, house.caller())).rejects.toMatchObject({
    code: "channel-not-allowed",
  });
  expect((await house.usecases.again(made.id, house.caller("member-1", { channel: "c1" }))).state).toBe("queued");
});

describe("limits", () => {
  test("the highest allowance of a member's roles counts, and never one below everybody's", async () => {
    await operator({ allowances: { "guild/role:1": 6000, "guild/role:2": 9000, "guild/role:3": 10 } });
    const credits = (...roles: string[]) => house.usecases.credits(house.caller("member-1", { roles }));
    expect(await credits("guild/role:3")).toMatchObject({ available: 5000, renewsTo: 5000 });
    expect(await credits("guild/role:1", "guild/role:2")).toMatchObject({ available: 9000, renewsTo: 9000 });
    expect(await price({ roles: ["guild/role:2"] })).toMatchObject({ available: 9000, after: 8875 });
    await ask({ roles: ["guild/role:2"] }, { count: 10, size: "3840x2160" });
    expect(await house.balance()).toMatchObject({ available: 4000, held: 5000 });
  });

  test.each([
    ["the tenant's", { memberDaily: 200 }, { memberDaily: { "member-1": 300 } }],
    ["the operator's", { memberDaily: 300 }, { memberDaily: { "member-1": 200 } }],
  ])("the stricter limit of a member counts: %s", async (_whose, tenantRules, operatorRules) => {
    await rules(tenantRules);
    await operator(operatorRules);
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: "member-daily-spent", facts: { limit: 200, left: 75 } });
  });

  test("an operator's limit of a member holds over all tenants together, also for who never asked for anything", async () => {
    const boss = () => house.caller("operator-1");
    await house.usecases.admin.limit({ member: "discord:99", daily: 250 }, boss());
    expect(await house.usecases.admin.members("discord:99", boss())).toMatchObject([{ memberDaily: 250, jobs: 0 }]);
    const there = (tenant: string) =>
      house.usecases.imagine({ prompt: "a cat" }, house.caller("discord:99", { tenant }));
    await there("one");
    await there("two");
    const facts = { limit: 250, left: 0, everywhere: true };
    for (const tenant of ["one", "three"]) {
      await expect(there(tenant)).rejects.toMatchObject({ code: "member-daily-spent", facts });
    }
    await house.usecases.admin.limit({ member: "discord:99", daily: null }, boss());
    expect((await there("three")).state).toBe("queued");
  });

  test.each([
    ["the tenant's", 200, { monthly: 200 }, { tenantMonthly: { guild: 300 } }],
    ["the operator's", 200, { monthly: 300 }, { tenantMonthly: { guild: 200 } }],
  ])("the strictest limit of a month counts: %s", async (_whose, limit, tenantRules, operatorRules) => {
    await rules(tenantRules);
    await operator(operatorRules);
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: "tenant-budget-spent", facts: { limit, left: 75 } });
  });

  test("a budget that has become low is told with the job, in the log, and to whoever measures", async () => {
    await rules({ monthly: 300 });
    expect((await ask()).changes).toEqual([]);
    const view = await ask();
    expect(view.changes).toMatchObject([{ code: "budget-low", scope: "tenant", spent: 250, limit: 300 }]);
    expect(house.log.lines.filter(({ level }) => level === "warn")).toMatchObject([{ facts: { scope: "tenant" } }]);
    expect(house.budgetsLow).toEqual([{ scope: "tenant" }]);
  });
});

test("says whether the operator has paused", async () => {
  expect(await paused(house.context)).toBe(false);
  await operator({ paused: { reason: "", operator: "operator-1", at: 0 } });
  expect(await paused(house.context)).toBe(true);
});

test("does not download the files of whom it refuses", async () => {
  await rules({ blockedMembers: ["member-1"] });
  const images = [{ filename: "cat.png", source: { path: "/nowhere/cat.png" } }];
  await expect(ask({}, { images })).rejects.toMatchObject({ code: "member-blocked" });
});
