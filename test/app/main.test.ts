import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAtelier, startAtelier } from "../support/atelier.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-main-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("prints three sentences for three faults in the configuration, and exits with 78", async () => {
  const { code, stderr } = await runAtelier([], {
    PORT: "http",
    USER_RUNNING: "none",
    PROVIDERS: "nobody",
    DATA_DIR: folder,
  });
  expect(code).toBe(78);
  const sentences = stderr.trim().split("\n");
  expect(sentences).toHaveLength(3);
  for (const name of ["PORT", "USER_RUNNING", "PROVIDERS"]) expect(stderr).toContain(name);
});

test("checks configuration and connections without starting", async () => {
  const good = await runAtelier(["--check"], { DATA_DIR: folder });
  expect(good).toMatchObject({ code: 0, stderr: "" });
  expect(good.stdout).toMatch(/ok\s+database \(sqlite\)\nok\s+web\nok\s+sandbox/);
  const nowhere = { TOKENHUB_API_KEY: "th-canary-key", TOKENHUB_BASE_URL: "http://127.0.0.1:9" };
  const bad = await runAtelier(["--check"], { DATA_DIR: folder, ...nowhere });
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/failed\s+tokenhub: /);
  expect(bad.stdout + bad.stderr).not.toContain("th-canary-key");
});

test("prints what a service says in a check as text, without obeying it", async () => {
  const message = "wrong key\u001b[2J\u001b[H\nok      tokenhub";
  const service = createServer((_req, res) => {
    res.writeHead(400, { "Content-Type": "application/json" }).end(JSON.stringify({ code: 0, message }));
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const { port } = service.address() as AddressInfo;
  const said = await runAtelier(["--check"], {
    ...{
      DATA_DIR: path.join(folder, "said"),
      DISCORD_TOKEN: "a-token-of-a-test",
      DISCORD_API_URL: `http://127.0.0.1:${port}/api`,
    },
  });
  service.close();
  expect(said.code).toBe(1);
  expect(said.stdout).toContain("wrong key\\u{1b}[2J\\u{1b}[H ok      tokenhub");
});

test("refuses to start twice in one folder, in a sentence that names it", async () => {
  const first = await startAtelier({ DATA_DIR: folder });
  const second = await runAtelier([], { DATA_DIR: folder, PORT: "0" });
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(folder);
  expect(second.stderr.trim().split("\n")).toHaveLength(1);
  expect(await first.stop()).toBe(0);
});

test("answers for its health, its readiness and its metrics", async () => {
  const bot = await startAtelier({ DATA_DIR: folder });
  expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${bot.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ ready: true, checks: { database: true, disk: true, web: true } });
  const metrics = await (await fetch(`${bot.url}/metrics`)).text();
  expect(metrics).toContain("nodejs_eventloop_lag");
  expect(metrics).toContain('atelier_ready{check="web"} 1\n');
  expect(metrics).toMatch(/^atelier_disk_free_bytes \d{6,}$/m);
  expect(await bot.stop()).toBe(0);
});

test("says which port is taken", async () => {
  const first = await startAtelier({ DATA_DIR: path.join(folder, "one") });
  const port = new URL(first.url).port;
  const second = await runAtelier([], { DATA_DIR: path.join(folder, "two"), PORT: port });
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(port);
  await first.stop();
});
