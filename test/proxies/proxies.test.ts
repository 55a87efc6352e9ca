import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Playground, startPlayground } from "../platforms/web/playground.ts";
import { installed, makeCertificate, run } from "./programs.ts";

const password = "a lantern by the sea";

test("the programs that Debian has are installed", () => {
  expect(installed.map(({ name }) => name)).toEqual(["nginx", "haproxy", "caddy"]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves once somebody listens there. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const there = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (there) return;
  }
}

describe.each(installed)("$name with the configuration of docs/proxies.md", (program) => {
  let folder: string;
  let port: number;
  let playground: Playground;
  let proxy: ChildProcess;
  let cookie = "";
  let csrf = "";

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "atelier-proxy-"));
    makeCertificate(folder);
    port = await freePort();
    const options = { loopback: true, password, publicUrl: `https://draw.example:${port}` };
    playground = await startPlayground(options, undefined, { trustedProxies: ["loopback"], https: true });
    proxy = run(program, { folder, port, bot: Number(new URL(playground.url).port) });
    await listening(port);
  });
  afterAll(async () => {
    const ended = once(proxy, "exit");
    proxy.kill();
    await ended;
    await playground.close();
    rmSync(folder, { recursive: true });
  });

  /** As a browser at that address would. */
  async function ask(method: string, where: string, body: string | Buffer = "", headers: Record<string, string> = {}) {
    const origin = `https://draw.example:${port}`;
    const own = { Host: `draw.example:${port}`, Cookie: cookie, "X-CSRF-Token": csrf, "Content-Length": body.length };
    const sent = request({
      ...{ host: "127.0.0.1", port, servername: "draw.example", rejectUnauthorized: false, method, path: where },
      headers: { ...own, ...(method === "POST" ? { Origin: origin } : {}), ...headers },
    });
    sent.end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return answer;
  }

  test("lets the operator in, for https only, and tells where a visitor is", async () => {
    const form = { "Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "203.0.113.7" };
    const answer = await ask("POST", "/login", new URLSearchParams({ password }).toString(), form);
    expect(answer.statusCode).toBe(303);
    expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
    const set = (answer.headers["set-cookie"] ?? []).find((one) => one.startsWith("__Host-atelier=")) ?? "";
    expect(set).toContain("; Secure");
    cookie = set.split(";")[0] ?? "";
    const page = await text(await ask("GET", "/"));
    csrf = /name="csrf" content="([^"]+)"/.exec(page)?.[1] ?? "";
    expect(csrf).not.toBe("");
    const [line] = playground.log.lines;
    expect(line?.message).toBe("somebody signed in");
  });

  test("takes a large body", async () => {
    const mark = "----of-a-test";
    const field = (name: string, more: string) =>
      `--${mark}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const large = Buffer.alloc(60_000_000);
    const body = Buffer.concat([
      Buffer.from(`${field("prompt", "")}a fox\r\n${field("images", '; filename="large.png"')}`),
      large,
      Buffer.from(`\r\n--${mark}--\r\n`),
    ]);
    const headers = { "Content-Type": `multipart/form-data; boundary=${mark}`, "Idempotency-Key": "key-of-a-test" };
    const answer = await ask("POST", "/api/commands/imagine", body, headers);
    expect([answer.statusCode, await text(answer)]).toEqual([422, expect.stringContaining("large.png")]); // by the bot
  });

  test("passes events on at once", async () => {
    const job = await playground.usecases.imagine(
      { prompt: "a fox" },
      {
        ...{ platform: "web", tenant: "web", member: "web:local", name: "You", locale: "en", replyTarget: "{}" },
        ...{ inbound: "web:proxied", rights: "operator" as const },
      },
    );
    const stream = await ask("GET", `/api/jobs/${job.id}/events`);
    expect(stream.headers["content-type"]).toContain("text/event-stream");
    const [first] = await once(stream, "data");
    expect(String(first).length).toBeGreaterThan(0);
    stream.destroy();
  });

  test("keeps the metrics to itself", async () => {
    expect((await ask("GET", "/metrics")).statusCode).toBe(404);
  });
});
