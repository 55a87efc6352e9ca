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
