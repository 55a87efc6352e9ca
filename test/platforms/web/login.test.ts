import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestWorld, testWorld } from "../../support/world.ts";
import { type Playground, startPlayground } from "./playground.ts";

const password = "correct horse";
let world: TestWorld;
let playground: Playground;

beforeEach(async () => {
  world = testWorld();
  playground = await startPlayground({ password }, world);
});
afterEach(() => playground.close());

function signIn(given: string): Promise<Response> {
  const body = new URLSearchParams({ password: given });
  return fetch(`${playground.url}/login`, {
    method: "POST",
    body,
    redirect: "manual",
    headers: { Origin: playground.url },
  });
}

function get(path: string, cookie = ""): Promise<Response> {
  return fetch(`${playground.url}${path}`, { redirect: "manual", headers: { Cookie: cookie } });
}

const cookieOf = (response: Response) => (response.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";

test("shows strangers nothing but the login page", async () => {
  const home = await get("/");
  expect([home.status, home.headers.get("Location")]).toEqual([303, "/login"]);
  for (const path of ["/api/me", "/api/history", "/api/commands", "/images/job0000/0", "/api/jobs/job0000/events"]) {
    expect((await get(path)).status, path).toBe(401);
  }
  const login = await (await get("/login")).text();
  expect(login).toContain('type="password"');
  expect(login).toContain("the operator&#39;s password"); // words are escaped, whatever is in them
  expect(login).not.toContain("{{");
});

test("opens everything to whoever gives the password", async () => {
  const answer = await signIn(password);
  expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
  expect((await get("/", cookieOf(answer))).status).toBe(200);
  expect((await get("/api/me", cookieOf(answer))).status).toBe(200);
});

test("keeps the session in a cookie that scripts and other sites cannot use", async () => {
  const cookie = (await signIn(password)).headers.get("Set-Cookie") ?? "";
  expect(cookie).toMatch(/; HttpOnly/);
  expect(cookie).toMatch(/; SameSite=Strict/);
  expect(cookie).not.toMatch(/Secure/);
});

test("sends the cookie over https only at an https address", async () => {
  await playground.close();
  playground = await startPlayground({ loopback: false, password, publicUrl: "https://draw.example" }, world);
  const headers = { Host: "draw.example", Origin: "https://draw.example" };
  const cookie = await cookieSetBy(new URLSearchParams({ password }).toString(), headers);
  expect(cookie).toMatch(/^__Host-atelier=.*; Path=\/.*; Secure/);
});

/** By node:http, which sends the Host that it is told to. */
function cookieSetBy(form: string, headers: Record<string, string>): Promise<string> {
  const type = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": form.length };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${playground.url}/login`,
      { method: "POST", headers: { ...headers, ...type } },
      (response) => {
        response.resume();
        resolve(response.headers["set-cookie"]?.[0] ?? "");
      },
    );
    sent.on("error", reject);
    sent.end(form);
  });
}

test("gives each login an id of its own, and ends the one before", async () => {
  const first = cookieOf(await signIn(password));
  const body = new URLSearchParams({ password });
  const headers = { Origin: playground.url, Cookie: first };
  const second = cookieOf(
    await fetch(`${playground.url}/login`, { method: "POST", body, redirect: "manual", headers }),
  );
  expect(second).not.toBe(first);
  expect((await get("/api/me", first)).status).toBe(401);
  expect((await get("/api/me", second)).status).toBe(200);
});

test("knows no session id that it did not make", async () => {
  expect((await get("/api/me", "atelier=made-up")).status).toBe(401);
});

test("ends the session after 12 hours in which nobody used it", async () => {
  const cookie = cookieOf(await signIn(password));
  world.advance(12 * 60 * 60 * 1000 - 1);
  expect((await get("/api/me", cookie)).status).toBe(200);
  world.advance(12 * 60 * 60 * 1000);
  expect((await get("/api/me", cookie)).status).toBe(401);
});

test("ends the session on signing out", async () => {
  const cookie = cookieOf(await signIn(password));
  const headers = { Origin: playground.url, Cookie: cookie };
  const csrf = /name="csrf" content="([^"]+)"/.exec(await (await get("/", cookie)).text())?.[1] ?? "";
  const body = new URLSearchParams({ csrf });
  await fetch(`${playground.url}/logout`, { method: "POST", headers, body, redirect: "manual" });
  expect((await get("/api/me", cookie)).status).toBe(401);
});

test.each(["", "wrong", `${password} `, "x".repeat(3000)])("refuses the password “%s” in words", async (given) => {
  const answer = await signIn(given);
  expect(answer.status).toBe(401);
  expect(await answer.text()).toContain("That is not the password.");
});

test("lets five wrong passwords through, then one a minute", async () => {
  for (let n = 0; n < 5; n++) expect((await signIn("wrong")).status).toBe(401);
  const waiting = await signIn(password);
  expect([waiting.status, waiting.headers.get("Retry-After")]).toEqual([429, "60"]);
  expect(await waiting.text()).toContain("Too many wrong passwords");
  world.advance(60_000);
  expect((await signIn("wrong")).status).toBe(401);
  expect((await signIn(password)).status).toBe(429);
  world.advance(60_000);
  expect((await signIn(password)).status).toBe(303);
});

test("forgets wrong passwords after the right one", async () => {
  for (let n = 0; n < 4; n++) await signIn("wrong");
  await signIn(password);
  for (let n = 0; n < 5; n++) expect((await signIn("wrong")).status).toBe(401);
});

/** A guess through a proxy that says for whom. */
function guess(given: string, headers: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ password: given });
  const all = { Origin: playground.url, ...headers };
  return fetch(`${playground.url}/login`, { method: "POST", body, redirect: "manual", headers: all });
}

test("locks nobody else out for six wrong passwords behind a proxy that is not trusted", async () => {
  for (let n = 0; n < 6; n++) await guess("wrong", { "X-Forwarded-For": "203.0.113.7" });
  expect((await guess(password, { "X-Forwarded-For": "203.0.113.7" })).status).toBe(429);
  expect((await guess(password, { "X-Forwarded-For": "203.0.113.8" })).status).toBe(303);
});

test("locks nobody else out behind a proxy that tells nothing", async () => {
  await playground.close();
  playground = await startPlayground({ password, publicUrl: "https://draw.example" }, world);
  for (let n = 0; n < 6; n++) expect((await guess("wrong", {})).status).toBe(401);
  expect((await guess(password, {})).status).toBe(303);
});

test("believes a trusted proxy, and takes a network of IPv6 for one visitor", async () => {
  await playground.close();
  playground = await startPlayground({ password }, world, { trustedProxies: ["loopback"] });
  const from = (address: string) => ({ "X-Forwarded-For": `198.51.100.9, ${address}` });
  for (let n = 0; n < 6; n++) await guess("wrong", from(`2001:db8:1:2::${n}`));
  expect((await guess(password, from("2001:db8:1:2:ffff::1"))).status).toBe(429);
  expect((await guess(password, from("2001:db8:1:3::1"))).status).toBe(303);
  expect(playground.log.lines.map(({ facts }) => facts)).toContainEqual({
    address: "2001:db8:1:2::/64",
    device: "new",
  });
});

test("lets a device that signed in before go on while strangers guess", async () => {
  const set = (await signIn(password)).headers.getSetCookie();
  const device = set.find((cookie) => cookie.startsWith("atelier-device=")) ?? "";
  expect(device).toMatch(/; Path=\/login; .*HttpOnly; SameSite=Strict/);
  for (let n = 0; n < 100; n++) await guess("wrong", { "X-Forwarded-For": `203.0.113.${n}` });
  for (let n = 0; n < 6; n++) await guess("wrong", {});
  expect((await guess(password, {})).status).toBe(429);
  const [cookie = ""] = device.split(";");
  expect((await guess(password, { Cookie: cookie })).status).toBe(303);
  expect((await guess(password, { Cookie: cookie.replace(/.$/, (last) => (last === "A" ? "Q" : "A")) })).status).toBe(
    429,
  );
});

test("keeps a session whatever strangers do", async () => {
  const cookie = cookieOf(await signIn(password));
  for (let n = 0; n < 300; n++) await guess("wrong", { "X-Forwarded-For": `203.0.113.${n % 250}` });
  expect((await get("/api/me", cookie)).status).toBe(200);
});

test("logs every attempt with its address", async () => {
  await signIn("wrong");
  await signIn(password);
  const lines = playground.log.lines.map(({ level, facts, message }) => [level, facts, message]);
  expect(lines).toEqual([
    ["warn", { address: "127.0.0.1", device: "new" }, "somebody gave a wrong password"],
    ["info", { address: "127.0.0.1", device: "new" }, "somebody signed in"],
  ]);
});

test("asks for the password again before an admin's command, 15 minutes after the last time", async () => {
  const cookie = cookieOf(await signIn(password));
  const csrf = /name="csrf" content="([^"]+)"/.exec(await (await get("/", cookie)).text())?.[1] ?? "";
  const headers = { Origin: playground.url, Cookie: cookie, "X-CSRF-Token": csrf };
  const pause = () => {
    const body = new FormData();
    body.set("reason", "a test");
    const key = { "Idempotency-Key": `key-of-${world.now()}` };
    return fetch(`${playground.url}/api/commands/admin-pause`, {
      method: "POST",
      headers: { ...headers, ...key },
      body,
    });
  };
  const again = (given: string) =>
    fetch(`${playground.url}/login/again`, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify({ password: given }),
    });
  expect((await pause()).status).toBe(200);
  world.advance(15 * 60_000 + 1);
  const refusal = await pause();
  expect([refusal.status, await refusal.json()]).toMatchObject([403, { problem: "signInAgain" }]);
  expect([(await again("wrong")).status, (await pause()).status]).toEqual([403, 403]);
  expect([(await again(password)).status, (await pause()).status]).toEqual([200, 200]);
});

test("refuses to exist without a password where others can reach it", async () => {
  await expect(startPlayground({ loopback: false })).rejects.toThrow("needs a password");
});
