import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";

/** The real program without any configuration, asked as the playground's page asks it. */
let folder: string;
let bot: AtelierProcess;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  bot = await startAtelier({ DATA_DIR: folder });
});
afterEach(async () => {
  await bot.kill();
  rmSync(folder, { recursive: true });
});

async function send(
  command: string,
  answers: Readonly<Record<string, string | Blob>>,
  key: string = crypto.randomUUID(),
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(answers)) form.append(name, value);
  const headers = { "idempotency-key": key, origin: bot.url };
  return fetch(`${bot.url}/api/commands/${command}`, { method: "POST", body: form, headers });
}

async function imagine(answers: Readonly<Record<string, string | Blob>>, key?: string): Promise<JobJson> {
  const response = await send("imagine", answers, key);
  expect(response.status).toBe(200);
  return ((await response.json()) as { job: JobJson }).job;
}

/** The job as its events tell it last. */
async function end({ id }: JobJson): Promise<JobJson> {
  const events = await (await fetch(`${bot.url}/api/jobs/${id}/events`)).text();
  const last = events.match(/^data: (\{.*\})$/gm)?.at(-1);
  return JSON.parse(last?.slice("data: ".length) ?? "") as JobJson;
}

const get = async (address: string) => (await fetch(`${bot.url}${address}`)).json();
const credits = async () => ((await get("/api/me")) as { credits: string }).credits;

test("makes an image of a prompt, of exactly the asked size and format, and shows what it cost", async () => {
  const done = await end(await imagine({ prompt: "a red bicycle", size: "1536x1024", format: "webp" }));
  expect(done.state).toBe("delivered");
  const file = await fetch(`${bot.url}${done.images[0]?.url}`);
  const bytes = Buffer.from(await file.arrayBuffer());
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 1536, height: 1024, format: "webp" });
  expect(await credits()).toBe("975 credits");
});

test("edits an image by a reply to it, with the member's own file beside it", async () => {
  const first = await end(await imagine({ prompt: "a red bicycle" }));
  const photo = await sharp({ create: { width: 200, height: 200, channels: 3, background: "#0a0" } })
    .jpeg()
    .toBuffer();
  const images = new File([new Uint8Array(photo)], "photo.jpg", { type: "image/jpeg" });
  const response = await send("edit", { job: `${first.id}:0`, prompt: "make it green", images });
  const edited = await end(((await response.json()) as { job: JobJson }).job);
  expect(edited).toMatchObject({ state: "delivered", parent: first.id, references: 2 });
});

test("refuses a text file in a sentence and holds nothing", async () => {
  const images = new File(["hello"], "notes.png", { type: "image/png" });
  const response = await send("imagine", { prompt: "in oil", images });
  expect(response.status).toBe(422);
  expect(JSON.stringify(await response.json())).toContain("notes.png is not an image that can be read here");
  expect(await credits()).toBe("1,000 credits");
});

test("makes one job of a request that is sent twice", async () => {
  const key = crypto.randomUUID();
  const twice = await Promise.all([imagine({ prompt: "once" }, key), imagine({ prompt: "once" }, key)]);
  expect(twice[0].id).toBe(twice[1].id);
});

test("still has history, images and credits after a stop and a new start", async () => {
  const done = await end(await imagine({ prompt: "to be kept" }));
  expect(await bot.stop()).toBe(0);
  bot = await startAtelier({ DATA_DIR: folder });
  expect(await get("/api/history")).toMatchObject({
    jobs: [{ id: done.id, prompt: "to be kept", state: "delivered" }],
  });
  expect((await fetch(`${bot.url}${done.images[0]?.url}`)).status).toBe(200);
  expect(await credits()).toBe("975 credits");
});

test("after kill -9 in the middle of a call, tells that the outcome is unknown, charges nothing, and goes on", async () => {
  await bot.stop();
  bot = await startAtelier({ DATA_DIR: folder, SANDBOX_DELAY_MS: "600000" });
  const lost = await imagine({ prompt: "lost" });
  const waiting = await imagine({ prompt: "waiting" });
  await bot.line(({ msg, job }) => msg === "sending to the service" && job === lost.id);
  await bot.kill();
  bot = await startAtelier({ DATA_DIR: folder });
  expect(await end(lost)).toMatchObject({ state: "failed" });
  expect(await end(waiting)).toMatchObject({ state: "delivered" });
  expect(await credits()).toBe("975 credits");
});

test("says why a service failed and charges nothing", async () => {
  await bot.stop();
  bot = await startAtelier({ DATA_DIR: folder, SANDBOX_FAILURE: "moderated" });
  const failed = await end(await imagine({ prompt: "no" }));
  expect(failed.card.paragraphs.join(" ")).toMatch(/safety system.*not charged/);
  expect(await credits()).toBe("1,000 credits");
});
