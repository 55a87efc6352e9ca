import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLinks } from "../../src/server/links.ts";
import { createOriginals } from "../../src/server/originals.ts";
import { createServer, type HttpServer } from "../../src/server/server.ts";
import { textFor } from "../../src/text/text.ts";
import { type TestWorld, testLog, testWorld } from "../support/world.ts";

const day = 86_400_000;
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

let world: TestWorld;
let server: HttpServer;
let folder: string;
let port: number;
let asked: [string, number][];
const sentences = (locale: string) => textFor(locale).server;
const linksOf = (secret = "the secret") => createLinks(secret, world.now);

beforeEach(async () => {
  world = testWorld();
  asked = [];
  folder = await mkdtemp(join(tmpdir(), "atelier-originals-"));
  await writeFile(join(folder, "original"), bytes);
  const handler = createOriginals(
    linksOf(),
    async (job, index) => {
      asked.push([job, index]);
      return job === "job1" && index < 2
        ? { path: join(folder, "original"), format: index ? "jpeg" : "png" }
        : undefined;
    },
    sentences,
  );
  server = createServer({
    host: "127.0.0.1",
    port: 0,
    mounts: [{ path: "/images", handler }],
    metrics: { contentType: "text/plain", text: async () => "" },
    ready: async () => ({}),
    sentences,
    log: testLog(),
    world: { ...world, sleep: () => Promise.resolve() },
  });
  port = await server.start();
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const get = (token: string, method = "GET") => fetch(`http://127.0.0.1:${port}/images/${token}`, { method });

test("gives the whole original to whoever has the link, as a download that is what it says", async () => {
  const answer = await get(linksOf().sign("job1", 0));
  expect(answer.status).toBe(200);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/png",
    "content-length": "300000",
    "content-disposition": 'attachment; filename="job1-1.png"',
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "cache-control": "private, max-age=86400",
    "referrer-policy": "same-origin",
  });
  const second = await get(linksOf().sign("job1", 1), "HEAD");
  expect(second.headers.get("content-disposition")).toBe('attachment; filename="job1-2.jpg"');
  expect(second.headers.get("content-type")).toBe("image/jpeg");
});

test("the link works for a week, and is the same all day", async () => {
  const token = linksOf().sign("job1", 0);
  world.advance(day / 4);
  expect(linksOf().sign("job1", 0)).toBe(token);
  world.advance(6.75 * day - 1);
  expect((await get(token)).status).toBe(200);
  world.advance(day);
  expect((await get(token)).status).toBe(404);
});

test("answers the same to a link that was changed, made elsewhere, or whose image is gone", async () => {
  const token = linksOf().sign("job1", 0);
  const [job, index, lastDay = "", mac = ""] = token.split(".");
  const foreign = [
    `job2.${index}.${lastDay}.${mac}`,
    `${job}.1.${lastDay}.${mac}`,
    `${job}.${index}.${Number(lastDay) + 1}.${mac}`,
    `${job}.${index}.${lastDay}.${mac.slice(0, -1)}`,
    `${job}.${index}.${lastDay}.${mac.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
    `${job}.${index}.${lastDay}.`,
    `${job}.${index}.${lastDay}`,
    `${token}x`,
    linksOf("another secret").sign("job1", 0),
    "..%2f..%2fetc%2fpasswd",
    "%00",
  ];
  for (const one of foreign) {
    const answer = await get(one);
    expect.soft([answer.status, await answer.text()], one).toEqual([404, "There is nothing here."]);
  }
  expect(asked).toEqual([]);
  expect((await get(linksOf().sign("erased", 0))).status).toBe(404);
  expect((await get(linksOf().sign("job1", 7))).status).toBe(404);
  expect(asked).toEqual([
    ["erased", 0],
    ["job1", 7],
  ]);
});

test("takes nothing but GET and HEAD, and survives a reader who goes away", async () => {
  const token = linksOf().sign("job1", 0);
  expect((await get(token, "POST")).status).toBe(404);
  const left = request({ host: "127.0.0.1", port, path: `/images/${token}` }, (response) => response.destroy());
  const gone = new Promise((resolve) => left.once("close", resolve));
  left.end();
  await gone;
  expect((await get(token)).status).toBe(200);
});
