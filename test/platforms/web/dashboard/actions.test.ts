import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditEntry, MemberView, TenantRules, UnknownOutcome } from "../../../../src/contract/usecases.ts";
import { failWith, unknownOutcome } from "../../../support/services/scripted-provider.ts";
import { sentences } from "../requests.ts";
import { type House, type Operator, openHouse, signIn } from "./house.ts";

let house: House;
let operator: Operator;
beforeEach(async () => {
  house = await openHouse();
  operator = await signIn(house);
});
afterEach(() => house.close());

const auditLog = () => operator.read<AuditEntry[]>("audit-log");
const status = async (answer: Promise<Response>) => (await answer).status;

test("gives credits, once for one press", async () => {
  const key = { "Idempotency-Key": "one-press-only" };
  const given = { member: "discord:7", amount: 500 };
  expect(await status(operator.act("grant", given, key))).toBe(200);
  expect(await status(operator.act("grant", given, key))).toBe(200);
  const [member] = await operator.read<MemberView[]>("members?search=discord%3A7");
  expect(member?.available).toBe(5500); // with the credits of the day
  expect(await auditLog()).toMatchObject([{ name: "grant", operator: "web:operator", subject: "discord:7" }]);
});

test.each([
  ["grant", { member: "discord:7", amount: -1 }, 422],
  ["grant", { member: "discord:7", amount: 1.5 }, 422],
  ["grant", { member: "discord:7", amount: 10_000_000 }, 422],
  ["grant", { member: "nobody", amount: 5 }, 422],
  ["grant", { member: "discord:7", amount: "5" }, 400],
  ["grant", { member: "discord:7" }, 400],
  ["grant", { amount: 5 }, 400],
  ["settle", { attempt: "none", billed: true }, 422],
  ["settle", { attempt: "none", billed: "yes" }, 400],
  ["pause", { reason: "  " }, 400],
  ["cancel", { job: "none" }, 422],
  ["approve", { job: "none" }, 422],
  ["refuse", { job: 1 }, 400],
  ["rules", { change: { channels: ["<script>"] } }, 422],
  ["rules", { change: { defaults: { size: "huge" } } }, 422],
  ["rules", { change: { nothing: true } }, 400],
  ["rules", { change: {}, tenant: "../etc" }, 400],
  ["allowance", { role: "elsewhere/role:1", daily: 5 }, 422],
  ["budget", { monthly: -1 }, 422],
  ["everything", {}, 404],
  ["constructor", {}, 404],
])("answers %s of %j with a sentence, and nothing happens", async (name, body, code) => {
  const answer = await operator.act(name, body);
  expect(answer.status).toBe(code);
  expect((await sentences(answer)).length).toBeGreaterThan(10);
  expect(await auditLog()).toEqual([]);
});

test("answers what is no JSON with a sentence", async () => {
  const headers = {
    Origin: house.url,
    Cookie: operator.cookie,
    "X-CSRF-Token": operator.csrf,
    "Content-Type": "application/json",
    "Idempotency-Key": "a-key-of-test",
  };
  const answer = await fetch(`${house.url}/api/dashboard/actions/grant`, { method: "POST", headers, body: "{" });
  expect(answer.status).toBe(400);
  expect(await sentences(answer)).toContain("cannot be understood");
});

test("limits and blocks a member, and lets them again", async () => {
  const member = "discord:7";
  await operator.act("grant", { member, amount: 1 });
  const seen = async () => (await operator.read<MemberView[]>("members?search=discord"))[0];
  await operator.act("limit", { member, daily: 250 });
  await operator.act("block", { member, blocked: true });
  expect(await seen()).toMatchObject({ memberDaily: 250, blocked: true });
  const asked = house.usecases.imagine({ prompt: "a cat" }, house.caller(member));
  await expect(asked).rejects.toMatchObject({ code: "member-blocked" });
  await operator.act("limit", { member, daily: null });
  await operator.act("block", { member, blocked: false });
  expect(await seen()).not.toHaveProperty("memberDaily");
  expect(await seen()).toMatchObject({ blocked: false });
});

test("stops everything with a reason, and lets it go on", async () => {
  await operator.act("pause", { reason: "the bill is too high" });
  const asked = house.usecases.imagine({ prompt: "a cat" }, house.caller());
  await expect(asked).rejects.toMatchObject({ code: "paused", facts: { reason: "the bill is too high" } });
  expect(await operator.read("overview")).toMatchObject({ paused: { operator: "web:operator" } });
  house.world.advance(1);
  await operator.act("resume", {});
  await house.usecases.imagine({ prompt: "a cat" }, house.caller());
  expect((await auditLog()).map(({ name }) => name)).toEqual(["resume", "pause"]);
});

test("settles a call of unknown outcome, which is gone from the list then", async () => {
  await house.work();
  house.provider.scripts.push(failWith(unknownOutcome()));
  await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
  const [call] = await operator.read<UnknownOutcome[]>("unknown");
  expect(call).toMatchObject({ provider: "service", estimate: 125, tenant: "guild" });
  expect(await status(operator.act("settle", { attempt: call?.attempt, billed: true }))).toBe(200);
  expect(await operator.read("unknown")).toEqual([]);
  expect(await status(operator.act("settle", { attempt: call?.attempt, billed: false }))).toBe(422);
  expect(await operator.read("overview")).toMatchObject({ unknown: 0, today: { spent: 125 } });
});

test("cancels somebody's waiting job", async () => {
  const { id } = await house.usecases.imagine({ prompt: "a cat" }, house.caller());
  expect(await status(operator.act("cancel", { job: id }))).toBe(200);
  expect(await operator.read(`jobs/${id}`)).toMatchObject({ state: "cancelled" });
});

test.each([
  ["approve", "queued"],
  ["refuse", "failed"],
])("%s answers for an order that waits for approval, once", async (answer, state) => {
  await house.usecases.approvals.rule({ above: 0 }, house.caller("admin-1", { rights: "admin" }));
  const { id } = await house.usecases.imagine({ prompt: "a cat" }, house.caller());
  expect(await operator.read(`jobs/${id}`)).toMatchObject({ state: "awaiting" });
  expect(await status(operator.act(answer, { job: id }))).toBe(200);
  expect(await operator.read(`jobs/${id}`)).toMatchObject({ state });
  expect(await status(operator.act(answer === "approve" ? "refuse" : "approve", { job: id }))).toBe(422);
});

test("changes rules and limits of the tenant that it names, and of no other", async () => {
  const tenant = "discord:guild:1";
  const change = { channels: ["5", "6"], monthly: 900, spoiler: true, defaults: { size: "1024x1024", count: 2 } };
  expect(await status(operator.act("rules", { tenant, change }))).toBe(200);
  await operator.act("rules", { tenant, change: { monthly: null, defaults: { count: null } } });
  await operator.act("budget", { tenant, monthly: 5000 });
  await operator.act("allowance", { tenant, role: `${tenant}/role:2`, daily: 300 });
  const read = (name: string) =>
    operator.read<{ rules: TenantRules; tenants: string[] }>(`tenant?tenant=${encodeURIComponent(name)}`);
  const place = await read(tenant);
  expect(place).toMatchObject({
    rules: { channels: ["5", "6"], spoiler: true, defaults: { size: "1024x1024" } },
    month: { spent: 0, limit: 5000 },
    hardLimit: 5000,
    allowances: [{ role: `${tenant}/role:2`, daily: 300 }],
  });
  expect(place.rules).not.toHaveProperty("monthly");
  expect(place.rules.defaults).not.toHaveProperty("count");
  const other = await read("slack:T1");
  expect(other).toMatchObject({ rules: { channels: [], spoiler: false }, allowances: [] });
  expect(other.tenants).toContain(tenant);
});

test("changes the usual options of a tenant, each of them, and refuses those that are none", async () => {
  const tenant = "discord:guild:1";
  const set = (defaults: object) => status(operator.act("rules", { tenant, change: { defaults } }));
  const now = async () =>
    (await operator.read<{ rules: TenantRules }>(`tenant?tenant=${encodeURIComponent(tenant)}`)).rules.defaults;
  const options = { format: "webp", background: "transparent", compression: 80, fidelity: "high", drafts: true };
  expect(await set(options)).toBe(200);
  expect(await now()).toEqual(options);
  for (const wrong of [{ background: "blue" }, { compression: 101 }, { compression: 0.5 }, { fidelity: "medium" }]) {
    expect(await set(wrong), JSON.stringify(wrong)).toBe(422);
  }
  expect(await set({ background: null, compression: null, drafts: null })).toBe(200);
  expect(await now()).toEqual({ format: "webp", fidelity: "high" });
});

test("tells what is wrong with the ledger, as it is when it is asked", async () => {
  expect(await operator.read("audit")).toMatchObject({ findings: [] });
  house.findings.push({ sentence: "One event made two jobs.", subject: "x", detail: "2" });
  expect(await operator.read("audit")).toMatchObject({ findings: [{ subject: "x" }] });
});
