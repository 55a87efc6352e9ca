import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderDefinition } from "../../src/providers/provider.ts";
import { apimodels } from "../../src/providers/services/apimodels/apimodels.ts";
import { gptImageHub } from "../../src/providers/services/gpt-image-hub/gpt-image-hub.ts";
import { nodekey } from "../../src/providers/services/nodekey/nodekey.ts";
import { openai } from "../../src/providers/services/openai/openai.ts";
import { tokenhub } from "../../src/providers/services/tokenhub/tokenhub.ts";
import { plainImage } from "../support/plain-image.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** A relay's answer to a paid call: a document, events, or whatever it writes. */
type Shape = (response: ServerResponse) => void;

let png: Buffer;
let origin: string;
let server: Server;
let bot: TestBot;
let next: Shape;

const services: Readonly<Record<string, ProviderDefinition>> = { openai, tokenhub, nodekey, gptImageHub, apimodels };

beforeAll(async () => {
  png = await plainImage({ width: 1024, height: 1024 });
  server = createServer((request, response) => {
    if (request.method === "GET") return void response.end(request.url?.startsWith("/files/") ? png : "");
    request.resume().on("end", () => next(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

/** A bot whose one service is such a relay, by the protocol of that service. */
async function openBot({ create, variables }: ProviderDefinition): Promise<TestBot> {
  const fallbacks = Object.entries(variables).map(([name, { fallback = "1" }]) => [name, fallback]);
  const extra = { ...Object.fromEntries(fallbacks), OPENAI_PARTIAL_IMAGES: "0" };
  const settings = { apiKey: "relay-key", baseUrl: `${origin}/v1`, concurrency: 4, timeoutMs: 60_000, extra };
  const opened = await openRoom({
    daily: 100_000,
    trustedOrigins: [origin],
    providers: (tools) => [create(settings, tools)],
  });
  await opened.work();
  return opened;
}

afterAll(() => {
  server.close().closeAllConnections();
});

const b64 = () => png.toString("base64");
const uri = () => `data:image/png;base64,${b64()}`;
const url = () => `${origin}/files/1.png`;
const json =
  (make: () => unknown, status = 200): Shape =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(make()));
const events = (...data: (() => unknown)[]): string =>
  data.map((make) => `data: ${typeof make() === "string" ? make() : JSON.stringify(make())}\n\n`).join("");
const stream =
  (...data: (() => unknown)[]): Shape =>
  (response) =>
    void response.writeHead(200, { "content-type": "text/event-stream" }).end(events(...data));
const packed =
  (pack: (bytes: Buffer) => Buffer, headers: object = {}): Shape =>
  (response) =>
    void response
      .writeHead(200, { "content-type": "application/json", ...headers })
      .end(pack(Buffer.from(JSON.stringify({ data: [{ b64_json: b64() }] }))));
/** The answer is whole, and the connection stays open. */
const open =
  (type: string, text: () => string): Shape =>
  (response) =>
    void response.writeHead(200, { "content-type": type }).write(text());
const done = () => "[DONE]";

const shapes: Readonly<Record<string, Shape>> = {
  "OpenAI's own document": json(() => ({ created: 1, data: [{ b64_json: b64() }] })),
  "an address": json(() => ({ data: [{ url: url() }] })),
  "a data URI as b64_json": json(() => ({ data: [{ b64_json: uri() }] })),
  "a data URI as url": json(() => ({ data: [{ url: uri() }] })),
  "base64 as url": json(() => ({ data: [{ url: b64() }] })),
  "an address as b64_json": json(() => ({ data: [{ b64_json: url() }] })),
  "both, the bytes empty": json(() => ({ data: [{ b64_json: "", url: url() }] })),
  "both, the bytes null": json(() => ({ data: [{ b64_json: null, url: url() }] })),
  "a path on its own host": json(() => ({ data: [{ url: "/files/1.png" }] })),
  "a path without its slash, above the base": json(() => ({ data: [{ url: "../../../../../files/1.png" }] })),
  "an address with blanks around it": json(() => ({ data: [{ url: ` ${url()}\n` }] })),
  "an address without its scheme": json(() => ({ data: [{ url: url().replace("http://", "") }] })),
  "one object in the place of the list": json(() => ({ data: { b64_json: b64() } })),
  "one object with an address": json(() => ({ data: { url: url() } })),
  "a list of addresses": json(() => ({ data: [url()] })),
  "a list of data URIs": json(() => ({ data: [uri()] })),
  "a list of base64": json(() => ({ images: [b64()] })),
  "a document inside of another": json(() => ({ code: 0, data: { data: [{ b64_json: b64() }] } })),
  "a list called images": json(() => ({ images: [{ url: url() }] })),
  "a list called output": json(() => ({ status: "succeeded", output: [url()] })),
  "one output": json(() => ({ output: { image_url: url() } })),
  "a result": json(() => ({ success: true, result: { images: [{ b64_json: b64() }] } })),
  results: json(() => ({ results: [{ image: uri() }] })),
  "a list alone": json(() => [{ b64_json: b64() }]),
  "the document itself": json(() => ({ b64_json: b64(), size: "1024x1024" })),
  "an image_url object": json(() => ({ data: [{ type: "image_url", image_url: { url: url() } }] })),
  "the Responses API": json(() => ({
    output: [
      { type: "reasoning", summary: [] },
      { type: "image_generation_call", result: b64() },
    ],
  })),
  "a chat answer with images": json(() => ({
    choices: [{ message: { content: "Here it is", images: [{ image_url: { url: uri() } }] } }],
  })),
  "Gemini's parts": json(() => ({
    candidates: [{ content: { parts: [{ text: "Here" }, { inlineData: { mimeType: "image/png", data: b64() } }] } }],
  })),
  "words between images": json(() => ({ output: ["done", url()] })),
  "the same image told twice": json(() => ({ data: [{ b64_json: b64() }], images: [{ url: url() }] })),
  "a prompt that holds a decoy": json(() => ({
    prompt: `{"data":[{"b64_json":"AAAA"}]}`,
    request: { images: [{ url: "https://decoy.example/x.png" }] },
    data: [{ b64_json: b64(), revised_prompt: "https://decoy.example/y.png" }],
  })),
  "gzip that is declared": packed((bytes) => gzipSync(bytes), { "content-encoding": "gzip" }),
  "gzip that is not declared": packed((bytes) => gzipSync(bytes)),
  "zstd that is not declared": packed((bytes) => zstdCompressSync(bytes)),
  "gzip that is declared and is none": packed((bytes) => bytes, { "content-encoding": "identity" }),
  "a blank and a byte order mark first": (response) =>
    void response.writeHead(200).end(`\ufeff \n${JSON.stringify({ data: [{ b64_json: b64() }] })}`),
  "a document labelled as events": (response) =>
    void response
      .writeHead(200, { "content-type": "text/event-stream" })
      .end(JSON.stringify({ data: [{ b64_json: b64() }] })),
  "OpenAI's events": stream(() => ({ type: "image_generation.completed", b64_json: b64() })),
  "an event with a data URI": stream(() => ({ type: "image_generation.completed", b64_json: uri() }), done),
  "events that end with a result": stream(
    () => ({ object: "image.generation.chunk", type: "progress", progress: 50 }),
    () => ({ object: "image.generation.result", data: [{ b64_json: b64() }] }),
    done,
  ),
  "events that end with a whole document": stream(() => ({ created: 1, data: [{ url: url() }] }), done),
  "the image, and then the document with it": stream(
    () => ({ type: "image_generation.completed", b64_json: b64() }),
    () => ({ object: "image.generation.result", data: [{ b64_json: b64() }] }),
  ),
  "a document whose connection stays open": open("application/json", () =>
    JSON.stringify({ data: [{ b64_json: b64() }] }),
  ),
  "events whose connection stays open": open("text/event-stream", () =>
    events(() => ({ type: "image_generation.completed", b64_json: b64() })),
  ),
  "events with an end mark, left open": open("text/event-stream", () =>
    events(() => ({ data: [{ url: url() }] }), done),
  ),
};

/** Low quality of 1024x1024 costs 6 by the published price; the relay told no cost. */
const least = 6;

describe.each(Object.entries(services))("behind %s, an image", (name, definition) => {
  beforeAll(async () => {
    bot = await openBot(definition);
  });
  afterAll(() => bot.close());

  test.each(Object.entries(shapes))("comes by %s, and is paid for as it can be known", async (_name, shape) => {
    next = shape;
    const asked = { prompt: "a fox", size: "1024x1024", quality: name === "openai" ? "auto" : undefined };
    const job = await bot.end(await bot.usecases.imagine(asked, bot.caller()));
    expect(job).toMatchObject({ state: "delivered", images: [{ width: 1024, height: 1024 }] });
    expect(job.charged).toBe(name === "openai" ? least : job.unit);
    const { path } = await bot.usecases.imageFile({ job: job.id, index: 0 }, bot.caller());
    expect((await readFile(path)).equals(png)).toBe(true);
  });
});

const failures: readonly [string, Shape, string][] = [
  ["an error code that is a word", json(() => ({ code: "fail_to_fetch_task", message: "upstream" })), "failed"],
  ["a status of error", json(() => ({ status: "error", message: "upstream broke" })), "failed"],
  ["an item that was refused", json(() => ({ data: [{ error: { code: "moderation_blocked" } }] })), "moderated"],
  ["a refusal in Chinese", json(() => ({ code: -1, message: "内容违规，已被拦截" })), "moderated"],
  ["no money, in Chinese", json(() => ({ error: { message: "账户余额不足" } })), "refused"],
  ["nothing at all", json(() => ({ data: [] })), "damaged"],
  [
    "an answer that is cut off",
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "99999" });
      response.write('{"data":[{"b64_json":"iVBOR', () => response.destroy());
    },
    "unknown",
  ],
];

describe.each(Object.entries(services))("behind %s", (_service, definition) => {
  beforeAll(async () => {
    bot = await openBot(definition);
  });
  afterAll(() => bot.close());

  test.each(failures)("%s has the right outcome, and costs the member nothing", async (_name, shape, outcome) => {
    next = shape;
    const before = (await bot.balance("member-2")).available;
    const asked = await bot.usecases.imagine({ prompt: "a fox", size: "1024x1024" }, bot.caller("member-2"));
    const job = await bot.end(asked);
    expect(job).toMatchObject({ state: "failed", failure: { outcome } });
    bot.context.breakers.ended(job.provider, undefined); // else the service would rest
    expect((await bot.balance("member-2")).available).toBe(before);
  });
});
