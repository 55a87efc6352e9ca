import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { REST } from "discord.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sender, streamedForm } from "../../../../src/platforms/discord/rest/upload.ts";

let folder: string;
let closing: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "atelier-upload-"));
});
afterEach(async () => {
  for (const close of closing) close();
  closing = [];
  await rm(folder, { recursive: true });
});

interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly mime: string;
  readonly bytes: Buffer;
}

/** A Discord that answers as told, and REST in front of it. */
async function discord(answer: (request: IncomingMessage, response: ServerResponse, turn: number) => void) {
  let turn = 0;
  const server = createServer((request, response) => answer(request, response, turn++));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close().closeAllConnections());
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new REST({ api, retries: 2, timeout: 10_000, makeRequest: sender() }).setToken("token");
}

async function read(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(request));
}

function partsOf(headers: BusboyHeaders, body: Buffer): Promise<Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = [];
    const form = new Busboy({ headers, limits: { fieldSize: 1e6 } });
    form.on("field", (name, value, _a, _b, _c, mime) => parts.push({ name, mime, bytes: Buffer.from(value) }));
    form.on("file", (name, stream, filename, _encoding, mime) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => parts.push({ name, filename, mime, bytes: Buffer.concat(chunks) }));
    });
    form.on("finish", () => resolve(parts)).on("error", reject);
    form.end(body);
  });
}

async function file(name: string, bytes: Buffer, mime = "image/png") {
  const place = path.join(folder, `file-${bytes.length}`);
  await writeFile(place, bytes);
  return { path: place, name, mime };
}

const channel = "/channels/1200000000000000001/messages";
const ok = (response: ServerResponse) => response.setHeader("content-type", "application/json").end('{"id":"1"}');

test("sends each file byte for byte, of whatever size, with the length told before", async () => {
  const sizes = [1, 65_536, 512 * 1024 - 1, 512 * 1024, 512 * 1024 + 1, 3_000_000];
  const files = await Promise.all(sizes.map((size) => file(`${size}.png`, randomBytes(size))));
  let seen: Part[] = [];
  let lengths: (string | number | undefined)[] = [];
  const rest = await discord(async (request, response) => {
    const body = await read(request);
    lengths = [request.headers["content-length"], body.length];
    seen = await partsOf(request.headers as BusboyHeaders, body);
    ok(response);
  });
  const body = await streamedForm({ content: "é “quoted”" }, files);
  await rest.post(channel, { body, passThroughBody: true });
  expect(lengths).toEqual([String(body.length), body.length]);
  expect(seen.find(({ name }) => name === "payload_json")?.bytes.toString()).toBe('{"content":"é “quoted”"}');
  const sent = seen.filter(({ filename }) => filename !== undefined);
  expect(sent.map(({ name, filename, mime }) => [name, filename, mime])).toEqual(
    sizes.map((size, index) => [`files[${index}]`, `${size}.png`, "image/png"]),
  );
  for (const [index, { path: place }] of files.entries()) {
    expect(sent[index]?.bytes.equals(readFileSync(place))).toBe(true);
  }
});

test("leaves short pieces as they are, since a socket may keep them for a while", async () => {
  const contents = [randomBytes(600_000), randomBytes(20), randomBytes(1_048_576), randomBytes(70_000)];
  const files = await Promise.all(contents.map((bytes, index) => file(`${index}.png`, bytes)));
  const form = await streamedForm({}, files);
  const kept = await Array.fromAsync(form.bytes(), (piece) => (piece.length < 512 * 1024 ? piece : Buffer.from(piece)));
  const whole = Buffer.concat(kept);
  for (const bytes of contents) expect(whole.includes(bytes)).toBe(true);
});

test("sends the whole of it again after a 429 and after a 502", async () => {
  const files = [await file("a.png", randomBytes(1_500_000))];
  const bodies: Buffer[] = [];
  const rest = await discord(async (request, response, turn) => {
    bodies.push(await read(request));
    if (turn === 0) {
      const limited = { message: "slow down", retry_after: 0.01, global: false };
      response.writeHead(429, { "content-type": "application/json", "retry-after": "0.01" });
      response.end(JSON.stringify(limited));
    } else if (turn === 1) response.writeHead(502).end("<html>");
    else ok(response);
  });
  const body = await streamedForm({ content: "" }, files);
  await rest.post(channel, { body, passThroughBody: true });
  expect(bodies.length).toBe(3);
  expect(bodies.every((each) => each.equals(bodies[0] as Buffer) && each.length === body.length)).toBe(true);
});

test("two uploads at the same time do not mix their bytes", async () => {
  const received = new Map<string, Buffer>();
  const rest = await discord(async (request, response) => {
    const parts = await partsOf(request.headers as BusboyHeaders, await read(request));
    for (const { filename, bytes } of parts) if (filename) received.set(filename, bytes);
    ok(response);
  });
  const contents = Array.from({ length: 6 }, (_, index) => Buffer.alloc(4_000_000 + index, 65 + index));
  await Promise.all(
    contents.map(async (bytes, index) => {
      const body = await streamedForm({}, [await file(`${index}.png`, bytes)]);
      await rest.post(`/channels/12000000000000000${10 + index}/messages`, { body, passThroughBody: true });
    }),
  );
  for (const [index, bytes] of contents.entries()) expect(received.get(`${index}.png`)?.equals(bytes)).toBe(true);
});

test("closes its files when Discord refuses before it has read them", async () => {
  const files = [await file("a.png", randomBytes(20_000_000))];
  const rest = await discord((_request, response) => {
    response.writeHead(413, { "content-type": "application/json", connection: "close" });
    response.end('{"code":40005,"message":"Request entity too large"}');
  });
  for (let turn = 0; turn < 5; turn += 1) {
    const form = await streamedForm({}, files);
    const { promise: closed, resolve } = Promise.withResolvers<boolean>();
    const body = { ...form, bytes: () => untilClosed(form.bytes(), resolve) };
    await expect(rest.post(channel, { body, passThroughBody: true })).rejects.toThrow();
    expect(await closed).toBe(true);
  }
});

/** Tells `closed` once whatever the generator held open is closed. */
async function* untilClosed(bytes: AsyncGenerator<Uint8Array>, closed: (is: boolean) => void) {
  try {
    yield* bytes;
  } finally {
    closed(true);
  }
}

test("fails when a file shrinks while it is sent, and says nothing false", async () => {
  const shrinking = await file("a.png", randomBytes(3_000_000));
  const rest = await discord((request, response) => {
    request.resume().on("end", () => ok(response));
  });
  const body = await streamedForm({}, [shrinking]);
  await truncate(shrinking.path, 1000);
  await expect(rest.post(channel, { body, passThroughBody: true })).rejects.toThrow("shrank");
});

test("a file's name cannot end its header", async () => {
  const files = [await file('a"\r\nX: y.png', randomBytes(10))];
  const form = await streamedForm({}, files);
  const text = Buffer.concat(await Array.fromAsync(form.bytes(), (chunk) => Buffer.from(chunk))).toString("latin1");
  expect(text).toContain('filename="a%22%0D%0AX: y.png"');
});
