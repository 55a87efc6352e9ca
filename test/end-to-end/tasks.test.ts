import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";

/** The real program with an asynchronous service that calls back over HTTP, and the playground to ask. */
let folder: string;
let service: FakeApimodels;
let bot: AtelierProcess;
let environment: Record<string, string>;
let cookie: string;

const password = "a lantern by the sea";

async function signIn(): Promise<string> {
  const headers = { origin: bot.url };
  const body = new URLSearchParams({ password });
  const answer = await fetch(`${bot.url}/login`, { method: "POST", headers, body, redirect: "manual" });
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-tasks-"));
  service = await startFakeApimodels();
  const port = await freePort();
  environment = {
    DATA_DIR: folder,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DASHBOARD_PASSWORD: password,
    APIMODELS_API_KEY: service.apiKey,
    APIMODELS_BASE_URL: service.baseUrl,
    TRUSTED_ORIGINS: service.fileOrigin,
  };
  bot = await startAtelier(environment);
  cookie = await signIn();
});
afterEach(async () => {
  await bot.kill();
  await service.close();
  rmSync(folder, { recursive: true });
});

async function imagine(): Promise<JobJson> {
  const form = new FormData();
  form.append("prompt", "a red bicycle");
  form.append("size", "2048x1152");
  const page = await (await fetch(bot.url, { headers: { cookie } })).text();
  const token = /csrf[^>]*?content="([^"]+)"/.exec(page)?.[1] ?? "";
  const headers = { "x-csrf-token": token, "idempotency-key": crypto.randomUUID(), origin: bot.url, cookie };
  const response = await fetch(`${bot.url}/api/commands/imagine`, { method: "POST", body: form, headers });
  return ((await response.json()) as { job: JobJson }).job;
}

async function end({ id }: JobJson): Promise<JobJson> {
  const events = await (await fetch(`${bot.url}/api/jobs/${id}/events`, { headers: { cookie } })).text();
  const last = events.match(/^data: (\{.*\})$/gm)?.at(-1);
  return JSON.parse(last?.slice("data: ".length) ?? "") as JobJson;
}

const secretOf = () => String(service.requests[0]?.fields.callback_url);

test("a task that calls back is asked for at once, and charged as one call", async () => {
  service.answerNext({ kind: "task", task: { running: 0, callbacks: [{ beforePoll: 0 }] } });
  const done = await end(await imagine());
  expect(done).toMatchObject({ state: "delivered", images: [{ width: 2048, height: 1152 }] });
  expect(service.charged).toBe(40);
  expect(bot.lines.some(({ msg }) => msg === "callback received")).toBe(true);
  expect((await fetch(secretOf(), { method: "POST", body: "{}" })).status).toBe(404);
  expect(JSON.stringify(bot.lines)).not.toContain(secretOf().split("/").at(-1));
});

test("kill -9 while a task runs: it is followed after the start, without a second paid call", async () => {
  service.answerNext({ kind: "task", task: { running: 1 } });
  const asked = await imagine();
  await service.polled(1);
  await bot.kill();
  bot = await startAtelier(environment);
  cookie = await signIn();
  expect(await end(asked)).toMatchObject({ state: "delivered" });
  expect(service.requests).toHaveLength(1);
  expect(service.violations).toEqual([]);
});

test("forged callbacks are 404, or at most make the bot ask the service", async () => {
  service.answerNext({ kind: "task", task: { running: 1 } });
  const asked = await imagine();
  await service.arrived(1);
  expect((await fetch(`${bot.url}/callbacks/guessed`, { method: "POST", body: "{}" })).status).toBe(404);
  const forged = JSON.stringify({
    data: { taskId: "other", state: "completed", images: ["http://127.0.0.1:1/evil.png"] },
  });
  await fetch(secretOf(), { method: "POST", body: forged });
  expect(await end(asked)).toMatchObject({ state: "delivered" });
  expect(service.requests).toHaveLength(1);
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
