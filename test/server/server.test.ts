import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { Router } from "express";
import { afterEach, expect, test } from "vitest";
import { createServer, type HttpServer, type ServerOptions } from "../../src/server/server.ts";
import { textFor } from "../../src/text/text.ts";
import { type TestWorld, testLog, testWorld } from "../support/world.ts";

let server: HttpServer;
let world: TestWorld;
let log: ReturnType<typeof testLog>;
let url: string;
afterEach(() => server.stop());

const sentences = (locale: string) => textFor(locale).server;

async function serve(options: Partial<ServerOptions> = {}): Promise<void> {
  world = testWorld();
  log = testLog();
  const metrics = { contentType: "text/plain; version=0.0.4", text: async () => "atelier_jobs 1\n" };
  const rest = { host: "127.0.0.1", port: 0, mounts: [], metrics, sentences, log, world, ready: async () => ({}) };
  server = createServer({ ...rest, ...options });
  url = `http://127.0.0.1:${await server.start()}`;
}

/** A mount that says how much it was sent. */
function counting(): Router {
  return Router().post("/", async (req, res) => {
    res.send(String((await readText(req)).length));
  });
}

const post = (path: string, length: number) => fetch(`${url}${path}`, { method: "POST", body: "x".repeat(length) });

/** Sends these bytes and reads until the server hangs up. */
function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(bytes);
  return readText(socket);
}

test("says that it is alive", async () => {
  await serve();
  const answer = await fetch(`${url}/healthz`);
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
});

test("is ready only when everything is, and says what is not", async () => {
  await serve({ ready: async () => ({ database: true, discord: false }) });
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ ready: false, checks: { database: true, discord: false } });
  await server.stop();
  await serve({ ready: async () => ({ database: true }) });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test("is not ready when that cannot be told", async () => {
  await serve({ ready: () => Promise.reject(new Error("the database is down")) });
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain("down");
});

test("shows its metrics in the form that Prometheus reads", async () => {
  await serve();
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toBe("atelier_jobs 1\n");
});

/** Status of /metrics with these headers. */
const metricsStatus = async (headers: Record<string, string> = {}, port = new URL(url).port) =>
  (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status;

test("makes the page of metrics once in some seconds, however many ask", async () => {
  let made = 0;
  await serve({ metrics: { contentType: "text/plain", text: async () => `made ${++made}` } });
  await Promise.all(Array.from({ length: 60 }, () => metricsStatus()));
  expect(made).toBe(1);
  world.advance(5_000);
  await metricsStatus();
  expect(made).toBe(2);
});

test("shows its metrics to nobody that a proxy may have let in", async () => {
  await serve();
  expect(await metricsStatus({ "X-Forwarded-For": "203.0.113.7" })).toBe(403);
  expect(await metricsStatus({ Via: "1.1 proxy" })).toBe(403);
  expect(await raw("GET /metrics HTTP/1.1\r\nHost: draw.example\r\nConnection: close\r\n\r\n")).toContain(" 403 ");
  await server.stop();
  await serve({ metricsAccess: { loopback: false } });
  const answer = await fetch(`${url}/metrics`);
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining("METRICS_TOKEN")]);
});

test("shows its metrics to whoever brings the token, and to nobody else", async () => {
  await serve({ metricsAccess: { loopback: true, token: "the-token-of-a-test" } });
  expect(await metricsStatus()).toBe(401);
  expect(await metricsStatus({ Authorization: "Bearer the-token-of-a-tes" })).toBe(401);
  expect(await metricsStatus({ Authorization: "Bearer the-token-of-a-test" })).toBe(200);
});

test("shows its metrics on a port of their own alone", async () => {
  await serve({ metricsAccess: { loopback: false, port: 0 } });
  expect(await metricsStatus()).toBe(404);
  const port = String(server.metricsPort());
  expect(await metricsStatus({ "X-Forwarded-For": "203.0.113.7" }, port)).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(404);
});

test("tells browsers at an https address to come by https only", async () => {
  await serve({ https: true });
  expect((await fetch(`${url}/healthz`)).headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
  await server.stop();
  await serve();
  expect((await fetch(`${url}/healthz`)).headers.get("Strict-Transport-Security")).toBeNull();
});

test.each(["/healthz", "/readyz", "/metrics", "/nothing"])(
  "guards %s by headers, and does not say what it is",
  async (path) => {
    await serve();
    const { headers } = await fetch(`${url}${path}`);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("same-origin");
    expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(headers.get("Content-Security-Policy")).not.toMatch(/unsafe|\*|data:|blob:|http/);
    expect(headers.get("X-Powered-By")).toBeNull();
  },
);

test("answers an unknown path in words", async () => {
  await serve();
  const answer = await fetch(`${url}/%E0%A4%A`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toBe("There is nothing here.");
});

test("takes a body of 1 MB, and refuses one byte more before reading it", async () => {
  await serve({ mounts: [{ path: "/hook", handler: counting() }] });
  expect(await (await post("/hook", 1_000_000)).text()).toBe("1000000");
  const head = `POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n`;
  expect(await raw(head)).toMatch(/^HTTP\/1.1 413 [\s\S]*At most 1000000 bytes/);
});

test("refuses a body that does not say how long it is", async () => {
  await serve({ mounts: [{ path: "/hook", handler: counting() }] });
  const head = "POST /hook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
  expect(await raw(head)).toMatch(/^HTTP\/1.1 411 [\s\S]*Content-Length/);
});

test("lets a mount take more, and asks longer paths first", async () => {
  const all = Router().use((req, res) => {
    req.resume().on("end", () => res.send("all"));
  });
  const mounts = [
    { path: "/", handler: all, maxBodyBytes: 2_000_000 },
    { path: "/hook", handler: counting() },
  ];
  await serve({ mounts });
  expect(await (await post("/", 1_500_000)).text()).toBe("all");
  expect(await (await post("/hook", 10)).text()).toBe("10");
  expect(await raw("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1500000\r\n\r\n")).toMatch(/^HTTP\/1.1 413 /);
});

test("answers a fault of its own in a plain sentence, and logs what it was", async () => {
  const broken = Router().get("/", () => {
    throw new Error("secret detail");
  });
  await serve({ mounts: [{ path: "/broken", handler: broken }] });
  const answer = await fetch(`${url}/broken`);
  expect([answer.status, await answer.text()]).toEqual([500, "Something went wrong."]);
  expect(log.lines).toMatchObject([{ level: "error", facts: { err: { message: "secret detail" } } }]);
});

test("answers a fault of the client as such, and does not log it", async () => {
  const strict = Router().get("/:name", (_req, res) => res.send("never"));
  await serve({ mounts: [{ path: "/strict", handler: strict }] });
  const answer = await fetch(`${url}/strict/%E0%A4%A`);
  expect([answer.status, await answer.text()]).toEqual([400, "This request cannot be understood."]);
  expect(log.lines).toEqual([]);
});

test("cuts off who sends headers too slowly", async () => {
  await serve({ timeouts: { headersMs: 20, requestMs: 40, checkMs: 5, stopMs: 1000 } });
  expect(await raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow")).toMatch(/^HTTP\/1.1 408 /);
});

test("cuts off who sends a body too slowly", async () => {
  await serve({
    mounts: [{ path: "/hook", handler: counting() }],
    timeouts: { headersMs: 20, requestMs: 40, checkMs: 5, stopMs: 1000 },
  });
  expect(await raw("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")).toMatch(/^HTTP\/1.1 408 /);
});

test("says so when its port is taken", async () => {
  await serve();
  const second = createServer({
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    mounts: [],
    metrics: { contentType: "text/plain", text: async () => "" },
    sentences,
    log,
    world,
    ready: async () => ({}),
  });
  await expect(second.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("ends event streams, idle connections and silent ones when it stops", async () => {
  const endless = Router().get("/", (_req, res) => void res.type("text/event-stream").write(":\n\n"));
  await serve({ mounts: [{ path: "/endless", handler: endless }] });
  const stream = await fetch(`${url}/endless`);
  const idle = raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  const silent = raw("").catch((error) => error.code);
  await fetch(`${url}/healthz`);
  await server.stop(); // the clock stands still: nothing of this may need the patience
  expect(await stream.text()).toBe(":\n\n");
  expect(await idle.catch((error) => error.code)).toMatch(/200 OK|ECONNRESET/);
  expect(await silent).toMatch(/^(ECONNRESET)?$/);
});

test("lets an answer under way finish when it stops", async () => {
  const asked = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const slow = Router().get("/", async (_req, res) => {
    asked.resolve();
    await finish.promise;
    res.send("whole");
  });
  await serve({ mounts: [{ path: "/slow", handler: slow }] });
  const answer = fetch(`${url}/slow`);
  await asked.promise;
  const stopped = server.stop();
  finish.resolve();
  const { headers, text } = await answer.then(async (got) => ({ headers: got.headers, text: await got.text() }));
  expect([headers.get("Connection"), text]).toEqual(["close", "whole"]);
  await stopped;
});

test("gives up on an answer that does not finish in time", async () => {
  const asked = Promise.withResolvers<void>();
  const stuck = Router().get("/", () => asked.resolve());
  await serve({ mounts: [{ path: "/stuck", handler: stuck }] });
  const answer = fetch(`${url}/stuck`).catch(() => "cut off");
  await asked.promise;
  const stopped = server.stop();
  world.advance(5_000);
  await stopped;
  expect(await answer).toBe("cut off");
});

test("says in the reader's language that nothing is here", async () => {
  await serve();
  const read = async (language: string) =>
    (await fetch(`${url}/nowhere`, { headers: { "accept-language": language } })).text();
  expect([await read("de"), await read("zh-CN,zh;q=0.9")]).toEqual(["There is nothing here.", "这里什么也没有。"]);
});
