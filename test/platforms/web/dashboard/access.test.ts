import { afterEach, beforeEach, expect, test } from "vitest";
import { sentences } from "../requests.ts";
import { type House, openHouse, password, signIn } from "./house.ts";

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const reads = ["me", "overview", "jobs", "jobs/x", "usage", "members", "unknown", "tenant", "audit-log", "audit"];
const files = ["usage.csv", "jobs.csv", "audit-log.csv"];
const actions = [
  "cancel",
  "grant",
  "limit",
  "block",
  "settle",
  "pause",
  "resume",
  "rules",
  "budget",
  "allowance",
  "approve",
  "refuse",
];
const hour = 60 * 60 * 1000;

const ask = (path: string, options: RequestInit = {}) =>
  fetch(`${house.url}${path}`, { redirect: "manual", ...options });

test("tells strangers nothing, and does nothing for them", async () => {
  for (const path of [...reads, ...files]) expect((await ask(`/api/dashboard/${path}`)).status, path).toBe(401);
  for (const name of actions) {
    const headers = { Origin: house.url, "Idempotency-Key": "a-key-of-test", "Content-Type": "application/json" };
    const answer = await ask(`/api/dashboard/actions/${name}`, { method: "POST", headers, body: "{}" });
    expect(answer.status, name).toBe(401);
  }
});

test("answers whoever has the password", async () => {
  const operator = await signIn(house);
  for (const path of [...reads.filter((path) => path !== "jobs/x"), ...files]) {
    const answer = await operator.get(`/api/dashboard/${path}`);
    expect([answer.status, answer.headers.get("Cache-Control")], path).toEqual([200, "no-store"]);
  }
});

test("leads to the login page and back", async () => {
  const away = await ask("/dashboard");
  expect([away.status, away.headers.get("Location")]).toEqual([303, "/login?to=dashboard"]);
  const login = await (await ask("/login?to=dashboard")).text();
  expect(login).toContain('action="/login?to=dashboard"');
  const body = new URLSearchParams({ password });
  const back = await ask("/login?to=dashboard", { method: "POST", body, headers: { Origin: house.url } });
  expect([back.status, back.headers.get("Location")]).toEqual([303, "/dashboard"]);
});

test.each(["//evil.example", "https://evil.example", "/dashboard/../..", "dashboard&to=//evil.example"])(
  "leads nowhere else after a login that asks for “%s”",
  async (to) => {
    const body = new URLSearchParams({ password });
    const answer = await ask(`/login?to=${to}`, { method: "POST", body, headers: { Origin: house.url } });
    expect(answer.headers.get("Location")).toBe("/");
  },
);

test("is not there without a password", async () => {
  await house.close();
  house = await openHouse({ password: undefined });
  for (const path of ["/dashboard", "/dashboard/assets/app.js", "/api/dashboard/me", "/api/dashboard/overview"]) {
    expect((await ask(path)).status, path).toBe(404);
  }
});

test("is there while the playground is off, and then nothing of that", async () => {
  await house.close();
  house = await openHouse({ playground: false });
  expect(await (await ask("/login")).text()).toContain("The dashboard moves real credits");
  const operator = await signIn(house);
  expect((await operator.get("/dashboard")).status).toBe(200);
  expect((await operator.get("/")).headers.get("Location")).toBe("/dashboard");
  for (const path of ["/api/me", "/api/commands", "/api/history", "/images/job0000/0"]) {
    expect((await operator.get(path)).status, path).toBe(404);
  }
});

test.each([
  ["no token", { "X-CSRF-Token": "" }, 403],
  ["another token", { "X-CSRF-Token": "x".repeat(43) }, 403],
  ["a foreign Origin", { Origin: "https://evil.example" }, 403],
  ["an opaque Origin", { Origin: "null" }, 403],
  ["another site", { "Sec-Fetch-Site": "cross-site" }, 403],
  ["the body of a plain form", { "Content-Type": "text/plain" }, 400],
  ["no key", { "Idempotency-Key": "" }, 400],
  ["nothing wrong", {}, 200],
])("does an action with %s only if that is right", async (_, headers, status) => {
  const operator = await signIn(house);
  const answer = await operator.act("pause", { reason: "a test" }, headers as Record<string, string>);
  expect(answer.status).toBe(status);
  const { paused } = await operator.read<{ paused?: object }>("overview");
  expect(paused !== undefined).toBe(status === 200);
});

test("takes no action by GET", async () => {
  const operator = await signIn(house);
  for (const name of actions) expect((await operator.get(`/api/dashboard/actions/${name}`)).status, name).toBe(404);
});

test("takes the token of its own session only", async () => {
  const [one, other] = [await signIn(house), await signIn(house)];
  expect(one.csrf).not.toBe(other.csrf);
  const answer = await one.act("pause", { reason: "a test" }, { "X-CSRF-Token": other.csrf });
  expect(answer.status).toBe(403);
  expect(await sentences(answer)).toContain("Load it again");
});

test("lets nobody choose the id of a session beforehand", async () => {
  const chosen = "atelier=chosen-by-somebody-else";
  const body = new URLSearchParams({ password });
  const headers = { Origin: house.url, Cookie: chosen };
  const login = await ask("/login", { method: "POST", body, headers });
  expect(login.headers.get("Set-Cookie")).not.toContain("chosen");
  expect((await ask("/api/dashboard/me", { headers: { Cookie: chosen } })).status).toBe(401);
});

test("signs nobody out on behalf of another site", async () => {
  const operator = await signIn(house);
  const headers = { Origin: house.url, Cookie: operator.cookie };
  expect((await ask("/logout", { method: "POST", headers })).status).toBe(403);
  expect((await operator.get("/api/dashboard/me")).status).toBe(200);
  const body = new URLSearchParams({ csrf: operator.csrf });
  expect((await ask("/logout", { method: "POST", headers, body })).status).toBe(303);
  expect((await operator.get("/api/dashboard/me")).status).toBe(401);
});

test("keeps a session that is used, and not one in which a page only looks for news", async () => {
  const operator = await signIn(house);
  for (let turn = 0; turn < 3; turn++) {
    house.world.advance(11 * hour);
    expect((await operator.get("/api/dashboard/me")).status).toBe(200);
  }
  house.world.advance(11 * hour);
  expect((await operator.get("/api/dashboard/me", { "X-Background": "1" })).status).toBe(200);
  house.world.advance(2 * hour);
  expect((await operator.get("/api/dashboard/me")).status).toBe(401);
});

test("ends every session after a week", async () => {
  const operator = await signIn(house);
  for (let passed = 0; passed < 7 * 24; passed += 8) {
    expect((await operator.get("/api/dashboard/me")).status, `after ${passed} hours`).toBe(200);
    house.world.advance(8 * hour);
  }
  expect((await operator.get("/api/dashboard/me")).status).toBe(401);
});

test("lets nobody try a hundred passwords, one after the other or at once", async () => {
  const tries = Array.from({ length: 100 }, (_, n) =>
    ask("/login?to=dashboard", {
      method: "POST",
      body: new URLSearchParams({ password: `guess ${n}` }),
      headers: { Origin: house.url },
    }),
  );
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(95);
});

test("runs and loads only what comes from itself", async () => {
  const operator = await signIn(house);
  for (const path of ["/dashboard", "/api/dashboard/me", "/dashboard/assets/app.js", "/api/dashboard/jobs.csv"]) {
    const { headers } = await operator.get(path);
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toMatch(/unsafe|\*|data:|https?:/);
    expect(headers.get("X-Content-Type-Options"), path).toBe("nosniff");
    expect(headers.get("X-Frame-Options"), path).toBe("DENY");
    expect(headers.get("Referrer-Policy"), path).toBe("same-origin");
    expect(headers.get("Cross-Origin-Opener-Policy"), path).toBe("same-origin");
  }
});
