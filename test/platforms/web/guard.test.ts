import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { WebOptions } from "../../../src/platforms/web/web.ts";
import { type Playground, startPlayground } from "./playground.ts";

let playground: Playground;
afterEach(() => playground.close());

/** Status of a request with exactly these headers. */
async function statusOf(
  headers: Record<string, string>,
  options: Partial<WebOptions> = {},
  method = "GET",
  path = "/login",
) {
  playground = await startPlayground(options);
  return new Promise<number>((resolve, reject) => {
    const sent = request(`${playground.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

const password = "correct horse";
const page = 200;
const refused = 403;

test.each(["127.0.0.1:8080", "localhost", "LOCALHOST:99", "[::1]:8080"])("answers to %s on loopback", async (host) => {
  expect(await statusOf({ Host: host }, { password })).toBe(page);
});

test.each([
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "192.168.1.5:8080",
  "localhost:8080@evil.example",
  "localhost:123456",
])("refuses the foreign host “%s” on loopback", async (host) => {
  expect(await statusOf({ Host: host }, { password })).toBe(refused);
});

test("answers only to the public address when there is one", async () => {
  const options = { loopback: false, password, publicUrl: "https://draw.example" };
  expect(await statusOf({ Host: "draw.example" }, options)).toBe(page);
  await playground.close();
  expect(await statusOf({ Host: "localhost:8080" }, options)).toBe(refused);
  await playground.close();
  expect(await statusOf({ Host: "192.168.1.5" }, options)).toBe(refused);
});

test("answers to numeric addresses elsewhere than on loopback, which no DNS server can rebind", async () => {
  expect(await statusOf({ Host: "192.168.1.5:8080" }, { loopback: false, password })).toBe(page);
  await playground.close();
  expect(await statusOf({ Host: "evil.example" }, { loopback: false, password })).toBe(refused);
});

test("says to a proxy that does not pass Host on what it must do", async () => {
  playground = await startPlayground({ loopback: false, password, publicUrl: "https://draw.example" });
  const answer = await fetch(`${playground.url}/login`);
  expect(answer.status).toBe(refused);
  expect(await answer.text()).toMatch(/names 127\.0\.0\.1:\d+, but Atelier is at https:\/\/draw\.example.*Host/);
});

test("takes the right password through a proxy on this machine that does not pass Host on", async () => {
  playground = await startPlayground({ password, publicUrl: "https://draw.example" });
  const headers = { Origin: "https://draw.example", "Sec-Fetch-Site": "same-origin" };
  const body = new URLSearchParams({ password });
  const signedIn = await fetch(`${playground.url}/login`, { method: "POST", headers, body, redirect: "manual" });
  expect(signedIn.status).toBe(303);
  const cookie = signedIn.headers.getSetCookie().find((set) => set.startsWith("__Host-atelier=")) ?? "";
  expect(cookie).toContain("; Secure");
  const page = await fetch(playground.url, { headers: { Cookie: cookie.split(";")[0] ?? "" } });
  expect(page.status).toBe(200);
});

test.each([
  ["Forwarded", "for=203.0.113.7"],
  ["Via", "1.1 proxy"],
  ["X-Forwarded-For", "203.0.113.7"],
  ["X-Forwarded-Host", "draw.example"],
  ["X-Forwarded-Proto", "https"],
  ["X-Real-IP", "203.0.113.7"],
  ["CF-Connecting-IP", "203.0.113.7"],
  ["CDN-Loop", "cloudflare"],
  ["Tailscale-User-Login", "somebody@example.com"],
  ["True-Client-IP", "203.0.113.7"],
  ["Fly-Client-IP", "203.0.113.7"],
  ["Fastly-Client-IP", "203.0.113.7"],
  ["X-Client-IP", "203.0.113.7"],
  ["X-Original-Host", "draw.example"],
  ["X-Amzn-Trace-Id", "Root=1"],
  ["X-Envoy-External-Address", "203.0.113.7"],
])("lets nobody in by a proxy (%s) without a password", async (name, value) => {
  expect(await statusOf({ Host: "localhost", [name]: value }, {}, "GET", "/")).toBe(refused);
  await playground.close();
  expect(await statusOf({ Host: "localhost", [name]: value }, { password })).toBe(page);
});

test("does not answer to the public address while there is no password", async () => {
  expect(await statusOf({ Host: "draw.example" }, { publicUrl: "https://draw.example" }, "GET", "/")).toBe(refused);
});

test.each([
  ["a foreign Origin", { Origin: "https://evil.example" }],
  ["an opaque Origin", { Origin: "null" }],
  ["the Origin of another port", { Origin: "http://localhost:3000" }],
  ["no Origin at all", {}],
  ["another site", { Origin: "http://localhost:8080", "Sec-Fetch-Site": "cross-site" }],
  ["another port of this machine", { "Sec-Fetch-Site": "same-site" }],
])("refuses a POST from %s", async (_, headers) => {
  const all = { Host: "localhost:8080", ...headers };
  expect(await statusOf(all as Record<string, string>, { password }, "POST", "/logout")).toBe(refused);
});

test.each([
  ["its own Origin", { Origin: "http://localhost:8080" }],
  ["its own page", { "Sec-Fetch-Site": "same-origin" }],
])("takes a POST from %s", async (_, headers) => {
  const all = { Host: "localhost:8080", ...headers };
  expect(await statusOf(all as Record<string, string>, { password }, "POST", "/logout")).toBe(303);
});

test("takes plain http as foreign at an https address", async () => {
  const options = { loopback: false, password, publicUrl: "https://draw.example" };
  const headers = { Host: "draw.example", Origin: "http://draw.example" };
  expect(await statusOf(headers, options, "POST", "/logout")).toBe(refused);
});

test("lets other sites link to it, but not load from it", async () => {
  const other = { Host: "localhost", "Sec-Fetch-Site": "cross-site" };
  expect(await statusOf({ ...other, "Sec-Fetch-Mode": "navigate" }, { password })).toBe(page);
  await playground.close();
  expect(await statusOf({ ...other, "Sec-Fetch-Mode": "no-cors" }, { password })).toBe(refused);
});
