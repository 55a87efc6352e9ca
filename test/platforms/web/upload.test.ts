import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { prepareUploads, uploadLimits } from "../../../src/platforms/web/upload.ts";
import { pngOf } from "../../support/landscape.ts";
import { testWorld } from "../../support/world.ts";
import { type Playground, startPlayground } from "./playground.ts";
import { jobOf, press, sentences } from "./requests.ts";

let playground: Playground;
beforeEach(async () => {
  playground = await startPlayground();
});
afterEach(async () => {
  expect(await readdir(playground.uploads)).toEqual([]); // whatever happened, nothing is left behind
  await playground.close();
});

const fileOf = (bytes: Uint8Array<ArrayBuffer>, name: string) => new File([bytes], name, { type: "image/png" });
const png = async (name: string) => fileOf(await pngOf(40, 30), name);

test("hands the bot the files as they were sent, in their order", async () => {
  const images = [await png("one.png"), await png("two.png")];
  const job = await jobOf(press(playground, "imagine", { prompt: "combine", images, mask: await png("mask.png") }));
  expect(job).toMatchObject({ references: 2, masked: true });
  const files = playground.usecases.calls[0]?.files ?? [];
  expect(files.map(({ filename }) => filename)).toEqual(["one.png", "two.png", "mask.png"]);
  expect(files[0]?.bytes).toEqual(Buffer.from(await pngOf(40, 30)));
  expect(files.every(({ path }) => path.startsWith(playground.uploads))).toBe(true);
});

test("uses no part of a file's name as a path, and shows it without control characters", async () => {
  await jobOf(press(playground, "imagine", { prompt: "x", images: await png("../../etc/pass\u202ewd.png") }));
  const [file] = playground.usecases.calls[0]?.files ?? [];
  expect(file?.filename).toBe("passwd.png");
  expect(file?.path).toMatch(/[0-9a-v]{22}$/);
});

test("removes the files when the bot refuses", async () => {
  playground.usecases.failNext(new Refusal("disk-full", {}));
  expect((await press(playground, "imagine", { prompt: "x", images: await png("a.png") })).status).toBe(422);
});

test("refuses a file past the limit in words, after hearing it out", async () => {
  const large = fileOf(new Uint8Array(uploadLimits.fileBytes + 1), "large.png");
  const answer = await press(playground, "imagine", { prompt: "x", images: large });
  expect(answer.status).toBe(422);
  expect(await sentences(answer)).toBe("large.png is too large: at most 50 MB are possible.");
  expect(playground.usecases.calls).toEqual([]);
});

test("refuses more files than a field takes", async () => {
  const image = await png("a.png");
  const answer = await press(playground, "imagine", { prompt: "x", images: Array(17).fill(image) });
  expect(answer.status).toBe(422);
  expect(await sentences(answer)).toContain("at most 16");
  const flood = await press(playground, "imagine", { prompt: "x", images: Array(18).fill(image) });
  expect(flood.status).toBe(413);
  expect(playground.usecases.calls).toEqual([]);
});

test("refuses a file in a field that the command does not have", async () => {
  const answer = await press(playground, "imagine", { prompt: "x", secret: await png("a.png") });
  expect(answer.status).toBe(400);
  expect(await sentences(answer)).toBe("This command has no such field: secret.");
});

test("refuses a value of 300,000 bytes", async () => {
  const answer = await press(playground, "imagine", { prompt: "x".repeat(300_000) });
  expect(answer.status).toBe(413);
});

test.each([
  ["no multipart form", "application/json", "{}", 415],
  ["a form without its boundary", "multipart/form-data", "--x--", 400],
  [
    "a form that ends too early",
    "multipart/form-data; boundary=x",
    '--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhel',
    400,
  ],
  [
    "a file that ends too early",
    "multipart/form-data; boundary=x",
    '--x\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n\r\nhel',
    400,
  ],
])("refuses %s", async (_, type, body, status) => {
  const headers = { Origin: playground.url, "Idempotency-Key": "press-0001", "Content-Type": type };
  const answer = await fetch(`${playground.url}/api/commands/imagine`, { method: "POST", headers, body });
  expect(answer.status).toBe(status);
  expect(playground.usecases.calls).toEqual([]);
});

test("removes the file when the browser goes away in the middle of it", async () => {
  const { port, host } = new URL(playground.url);
  const part = '--x\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n\r\n';
  const head = `POST /api/commands/imagine HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${playground.url}\r\nIdempotency-Key: press-0001\r\n`;
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(
    `${head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n${part}${"y".repeat(1000)}`,
  );
  await until(async () => (await readdir(playground.uploads)).length === 1);
  socket.destroy();
  await until(async () => (await readdir(playground.uploads)).length === 0);
});

test("answers, and does not wait for ever, when a file cannot be written", async () => {
  await rm(playground.uploads, { recursive: true });
  const large = fileOf(new Uint8Array(1_000_000), "large.png");
  const answer = await press(playground, "imagine", { prompt: "x", images: large });
  expect(answer.status).toBe(500);
  await mkdir(playground.uploads);
});

test("removes at its start what a killed process left an hour ago, and nothing younger", async () => {
  const world = testWorld(Date.now());
  const [old, young] = [join(playground.uploads, "old"), join(playground.uploads, "young")];
  await writeFile(old, "");
  await writeFile(young, "");
  const hourAgo = Date.now() / 1000 - 3601;
  await utimes(old, hourAgo, hourAgo);
  await prepareUploads({ directory: playground.uploads, world });
  expect(await readdir(playground.uploads)).toEqual(["young"]);
  world.advance(3_700_000);
  await prepareUploads({ directory: playground.uploads, world });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 10_000; tries++) {
    if (await holds()) return;
    await new Promise(setImmediate);
  }
  throw new Error("it never came true");
}
