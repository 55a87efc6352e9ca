import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller, Draft } from "../../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom({ daily: 1000 });
});
afterEach(() => house.close());

const admin = () => house.caller("boss", { rights: "admin" });
const operator = () => house.caller("operator-1", { rights: "admin" });
const nobody = (given: Partial<Caller> = {}) => house.caller("steps", { paidBy: "steps-budget", ...given });

/** Asks as a step does: nobody is there to be asked. */
const step = (caller: Caller, draft: Partial<Draft> = {}) =>
  house.usecases.submit({ kind: "draft", draft: { prompt: "a fox", literal: true, ...draft } }, caller, {
    unattended: true,
  });
const code = (work: Promise<unknown>) => expect(work).rejects;

test("makes nothing that nobody started before an admin has set credits aside", async () => {
  await code(step(nobody())).toMatchObject({ code: "steps-budget-unset" });
  await house.usecases.admin.stepsBudget(100_000, operator());
  expect(await step(nobody())).toMatchObject({ kind: "job" });
  await house.usecases.admin.stepsBudget(null, admin());
  await code(step(nobody())).toMatchObject({ code: "steps-budget-unset" });
});

test("counts a month's steps against the budget, whatever the day's credits of a member are", async () => {
  const probe = await step(house.caller("ada"));
  const price = probe.kind === "job" ? probe.job.held : 0;
  expect(price).toBeGreaterThan(0);
  await house.usecases.admin.stepsBudget(2 * price + 1, admin());
  await step(nobody());
  await step(nobody());
  await code(step(nobody())).toMatchObject({ code: "steps-budget-spent", facts: { limit: 2 * price + 1, left: 1 } });
});

test("gives a budget above a member's daily credits whole", async () => {
  const probe = await step(house.caller("ada"), { count: 4, quality: "high" }).catch((error) => error);
  const price = probe.kind === "job" ? probe.job.held : probe.facts.total;
  await house.usecases.admin.stepsBudget(20 * price, operator());
  for (let made = 0; made < 8; made += 1) await step(nobody(), { count: 4, quality: "high" });
  expect(8 * price).toBeGreaterThan(1000);
});

test("keeps an admin who is no operator below what all may spend, or what one member may", async () => {
  await code(house.usecases.admin.stepsBudget(31_001, admin())).toMatchObject({ code: "amount-out-of-range" });
  await house.usecases.admin.stepsBudget(31_000, admin());
  await house.usecases.admin.budget(500, operator());
  await code(house.usecases.admin.stepsBudget(501, admin())).toMatchObject({ facts: { max: 500 } });
  await code(house.usecases.admin.stepsBudget(1, house.caller("ada"))).toMatchObject({ code: "admins-only" });
  await code(house.usecases.admin.changeRules({ stepsMonthly: 1_000_000 }, admin())).toMatchObject({
    code: "setting-unknown",
  });
});

test("holds for the rules here: words and channels count, roles do not where nobody asks", async () => {
  await house.usecases.admin.stepsBudget(10_000, admin());
  await house.usecases.admin.changeRules({ roles: ["artists"], channels: ["C1"], blockedWords: ["wolf"] }, admin());
  await code(step(nobody())).toMatchObject({ code: "channel-not-allowed" });
  expect(await step(nobody({ channel: "C1" }))).toMatchObject({ kind: "job" });
  await code(step(nobody({ channel: "C1" }), { prompt: "a wolf" })).toMatchObject({ code: "word-blocked" });
  await code(step(house.caller("ada", { channel: "C1" }))).toMatchObject({ code: "role-not-allowed" });
});

test("spends no more of a member who started it than the member spends without being asked", async () => {
  const ada = () => house.caller("ada");
  await house.usecases.changeSettings({ confirmAbove: 1 }, ada());
  await code(step(ada())).toMatchObject({ code: "step-too-dear", facts: { limit: 1 } });
  expect(await house.balance("ada")).toMatchObject({ held: 0 });
  await house.usecases.changeSettings({ confirmAbove: 1000 }, ada());
  expect(await step(ada())).toMatchObject({ kind: "job", job: { memberName: expect.any(String) } });
});

test("starts from saved images that are named beside the prompt, and refuses names that are none", async () => {
  await code(step(house.caller("ada"), { saved: ["@fox"] })).toMatchObject({
    code: "reference-unknown",
    facts: { name: "fox" },
  });
});

test("draws a word behind an @ that is no saved image, as nobody can be asked", async () => {
  const made = await step(house.caller("ada"), { prompt: "a letter to @somebody" });
  expect(made).toMatchObject({ kind: "job", job: { request: { prompt: "a letter to @somebody" } } });
});
