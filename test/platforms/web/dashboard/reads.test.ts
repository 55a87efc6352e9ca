import { afterEach, beforeEach, expect, test } from "vitest";
import type { AdminJob, ProviderStatus } from "../../../../src/contract/usecases.ts";
import { dashboardTextFor } from "../../../../src/text/dashboard.ts";
import { type House, type Operator, openHouse, signIn } from "./house.ts";

let house: House;
let operator: Operator;
beforeEach(async () => {
  house = await openHouse();
  operator = await signIn(house);
});
afterEach(() => house.close());

async function make(prompt: string, member = "member-1", given = {}): Promise<string> {
  const job = await house.usecases.imagine({ prompt }, house.caller(member, given));
  return (await house.end(job)).id;
}

test("lists jobs by state, member, tenant and service, newest first", async () => {
  await house.work();
  await make("one");
  await make("two", "member-2", { tenant: "elsewhere" });
  const prompts = async (query: string) =>
    (await operator.read<{ jobs: AdminJob[] }>(`jobs?${query}`)).jobs.map(({ prompt }) => prompt);
  expect(await prompts("")).toEqual(["two", "one"]);
  expect(await prompts("state=&member=&tenant=&provider=")).toEqual(["two", "one"]);
  expect(await prompts("state=delivered")).toEqual(["two", "one"]);
  expect(await prompts("state=failed")).toEqual([]);
  expect(await prompts("member=member-2")).toEqual(["two"]);
  expect(await prompts("tenant=guild")).toEqual(["one"]);
  expect(await prompts("provider=service&member=member-1")).toEqual(["one"]);
  expect(await prompts("provider=other")).toEqual([]);
  expect((await operator.get("/api/dashboard/jobs?state=made-up")).status).toBe(400);
  expect((await operator.get("/api/dashboard/jobs?state=queued&state=running")).status).toBe(400);
});

test("shows every phase of a job: its calls, its post and its credits", async () => {
  await house.work();
  const id = await make("one");
  expect(await operator.read(`jobs/${id}`)).toMatchObject({
    prompt: "one",
    attempts: [{ phase: "ended", outcome: "success", reference: "call-1", estimate: 125 }],
    delivery: { phase: "confirmed", tries: 1, route: "channel" },
    transfers: [{ kind: "hold" }, { kind: "spend" }, { kind: "capture" }].map((kind) => expect.objectContaining(kind)),
  });
  expect((await operator.get("/api/dashboard/jobs/none")).status).toBe(422);
});

test("says when the model of a service ends, and that it has", async () => {
  const dayMs = 86_400_000;
  const endsAt = house.world.now() + 61 * dayMs;
  Object.assign(house.provider, { model: { id: "gpt-image-9", endsAt } });
  const ends = async () => {
    const reader = await signIn(house); // days have passed
    return (await reader.read<{ providers: ProviderStatus[] }>("overview")).providers[0]?.ends;
  };
  const date = new Date(endsAt).toISOString().slice(0, 10);
  expect(await ends()).toBeUndefined();
  house.world.advance(dayMs);
  expect(await ends()).toEqual({ model: "gpt-image-9", date, hasEnded: false });
  house.world.advance(60 * dayMs);
  expect(await ends()).toEqual({ model: "gpt-image-9", date, hasEnded: true });
});

test("says what goes on: what waits, what was spent, and how the services do", async () => {
  await house.work();
  await make("one");
  await operator.act("pause", { reason: "a test" });
  expect(await operator.read("overview")).toMatchObject({
    queued: 0,
    running: 0,
    paused: { reason: "a test" },
    today: { jobs: 1, images: 1, charged: 125, spent: 125 },
    providers: [{ name: "service", state: "working", balance: { amount: 12, unit: "USD" }, calls: 1, failures: 0 }],
  });
});

test("speaks both languages", async () => {
  for (const [locale, words] of [
    ["en", "Audit log"],
    ["zh-CN", "操作记录"],
  ]) {
    const me = await (await operator.get("/api/dashboard/me", { "Accept-Language": locale ?? "" })).json();
    expect(me).toMatchObject({ words: { sections: { log: words } }, language: locale });
    const page = await (await operator.get("/dashboard", { "Accept-Language": locale ?? "" })).text();
    expect(page).toContain(`<html lang="${locale}"`);
    expect(page).not.toContain("{{");
  }
});

test("has the same places to fill in, in both languages", () => {
  const places = (words: object): unknown =>
    Object.fromEntries(
      Object.entries(words).map(([name, word]) =>
        typeof word === "string" ? [name, [...word.matchAll(/\{\w+\}/g)].map(String).sort()] : [name, places(word)],
      ),
    );
  expect(places(dashboardTextFor("zh-CN"))).toEqual(places(dashboardTextFor("en")));
});

test("writes CSV files with every line, also of more jobs than one page holds", async () => {
  for (let n = 0; n < 130; n++) {
    await house.usecases.imagine({ prompt: `=cmd|' /C calc'!A${n}` }, house.caller(`member-${n}`));
  }
  const answer = await operator.get("/api/dashboard/jobs.csv?state=queued");
  expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
  expect(answer.headers.get("Content-Disposition")).toBe('attachment; filename="atelier-jobs-2026-11-20.csv"');
  const lines = (await answer.text()).split("\r\n");
  expect(lines[0]).toBe("id,state,member,name,tenant,service,prompt,held,charged,created,started,finished");
  expect(lines).toHaveLength(132);
  expect(new Set(lines.slice(1, 131).map((line) => line.slice(0, line.indexOf(",")))).size).toBe(130);
  expect(lines[1]).toMatch(/,queued,member-129,member-129,guild,service,'=cmd\|' \/C calc'!A129,125,,2026-11-20T12:00/);
  expect((await (await operator.get("/api/dashboard/jobs.csv?member=member-5")).text()).split("\r\n")).toHaveLength(3);
});

test("writes spending and the audit log as CSV files", async () => {
  await house.work();
  await make("one");
  await operator.act("grant", { member: "discord:7", amount: 5 });
  const usage = await (await operator.get("/api/dashboard/usage.csv?days=7")).text();
  expect(usage.split("\r\n")).toEqual([
    "by,name,jobs,images,charged,spent",
    "day,2026-11-20,1,1,125,125",
    "service,service,1,1,125,125",
    "tenant,guild,1,1,125,125",
    "member,member-1,1,1,125,125",
    "",
  ]);
  const actions = await (await operator.get("/api/dashboard/audit-log.csv")).text();
  expect(actions).toMatch(/,2026-11-20T12:00:00.000Z,web:operator,grant,web,discord:7,"\{""amount"":5\}"\r\n$/);
});
