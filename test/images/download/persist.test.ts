import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { createImages } from "../../../src/images/create-images.ts";
import { createDownloader } from "../../../src/images/download/download.ts";
import { persistent } from "../../../src/images/download/persist.ts";
import { testLog } from "../../support/world.ts";
import { photo } from "../samples.ts";
import { temporaryDirectory } from "../test-images.ts";
import { failureOf } from "./fetching.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
const seen: (string | undefined)[] = [];

afterEach(() => {
  server?.close().closeAllConnections();
  seen.length = 0;
});

/** A server that answers each request with the next of these, then with the last. */
async function answering(...answers: Answer[]): Promise<string> {
  server = createServer((request, response) => {
    seen.push(request.headers.range);
    (answers[Math.min(seen.length, answers.length) - 1] as Answer)(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fetched(origin: string, pauses = [0, 0, 0, 0, 0]): Promise<string> {
  const download = persistent(createDownloader({ trustedOrigins: [origin], connectTimeoutMs: 5000 }), pauses);
  const chunks: Uint8Array[] = [];
  for await (const chunk of download(`${origin}/image`, { maxBytes: 1000, timeoutMs: 10_000 })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const status =
  (code: number, headers = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end();
const whole: Answer = (_request, response) => void response.end("0123456789");
const reset: Answer = (request) => void request.socket.destroy();
/** Sends half, and breaks off. */
const half =
  (headers: object): Answer =>
  (_request, response) => {
    response.writeHead(200, { "content-length": "10", ...headers });
    response.write("01234", () => response.destroy());
  };
const rest: Answer = (_request, response) =>
  void response.writeHead(206, { "content-range": "bytes 5-9/10" }).end("56789");

test.each([
  ["a connection that is reset", [reset]],
  ["a storage that is busy", [status(503, { "retry-after": "0" }), status(429)]],
  ["a file that is not there yet", [status(404), status(404)]],
  ["a gateway that waits too long", [status(504), status(408), status(500)]],
])("asks again after %s", async (_what, answers) => {
  expect(await fetched(await answering(...answers, whole))).toBe("0123456789");
  expect(seen).toHaveLength(answers.length + 1);
});

test.each([
  ["its tag", { etag: '"v1"' }],
  ["its date", { "last-modified": "Sat, 28 Nov 2026 10:00:00 GMT" }],
])("goes on where a file broke off, when %s tells that it is the same", async (_what, headers) => {
  expect(await fetched(await answering(half(headers), status(503), rest))).toBe("0123456789");
  expect(seen).toEqual([undefined, "bytes=5-", "bytes=5-"]);
});

test.each([
  ["nothing tells that it is the same", [half({}), whole], 1],
  ["its tag is weak", [half({ etag: 'W/"v1"' }), whole], 1],
  ["the server sends another one whole", [half({ etag: '"v1"' }), whole], 2],
])("never joins two halves of different files: %s", async (_what, answers, asked) => {
  await failureOf(fetched(await answering(...answers)));
  expect(seen).toHaveLength(asked);
});

test.each([
  ["that is forbidden", status(403), 1],
  [
    "that is a page",
    (_q: IncomingMessage, r: ServerResponse) => void r.setHeader("content-type", "text/html").end("x"),
    1,
  ],
  ["that stays away", status(404), 4],
  ["of a storage that stays down", status(500), 6],
])("gives up on a file %s", async (_what, answer, asked) => {
  await failureOf(fetched(await answering(answer as Answer)));
  expect(seen).toHaveLength(asked);
});

test("unpacks a result that lies compressed in a storage", async () => {
  const png = await photo().png().toBuffer();
  const origin = await answering((_request, response) => void response.end(gzipSync(png)));
  const images = createImages({ directory: await temporaryDirectory(), trustedOrigins: [origin], log: testLog() });
  const sink = await images.openResult("a1", 0);
  await images.download(`${origin}/image`, sink, new AbortController().signal);
  await sink.commit();
  expect((await images.received("a1")).images).toMatchObject([{ image: { format: "png", bytes: png.length } }]);
});

test("bounds what a compressed result may become", async () => {
  const bomb = gzipSync(Buffer.alloc(101_000_000));
  const origin = await answering((_request, response) => void response.end(bomb));
  const images = createImages({ directory: await temporaryDirectory(), trustedOrigins: [origin], log: testLog() });
  const sink = await images.openResult("a1", 0);
  const failure = await failureOf(images.download(`${origin}/image`, sink, new AbortController().signal));
  await sink.discard();
  expect(failure.fault).toBe("too-large");
});
