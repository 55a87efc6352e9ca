import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { type Answer, connectTo } from "../../src/providers/http/http.ts";
import { receiveImages } from "../../src/providers/http/receive.ts";
import { testCall } from "../providers/call.ts";

let server: Server | undefined;
const asked: (string | undefined)[] = [];

afterEach(() => {
  server?.close().closeAllConnections();
});

/** A service that compresses although nobody asked for it. */
async function answering(encoding: string, body: Buffer, status = 200) {
  server = createServer((request, response) => {
    asked.push(request.headers["accept-encoding"]);
    response.writeHead(status, { "content-type": "application/json", "content-encoding": encoding }).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = connectTo({ name: "test", apiKey: "key", baseUrl, timeoutMs: 30_000 });
  const call = testCall();
  const received = async () => {
    const answer: Answer = await connection.post("/images", { json: { prompt: "a fox" } }, call);
    return Array.fromAsync(receiveImages(connection.service, answer, 1, call));
  };
  return { call, received };
}

const fox = Buffer.from("a fox, as bytes");
const document = Buffer.from(JSON.stringify({ data: [{ b64_json: fox.toString("base64") }] }));

it.each([
  ["gzip", gzipSync(document)],
  ["x-gzip", gzipSync(document)],
  ["deflate", deflateSync(document)],
  ["br", brotliCompressSync(document)],
  ["zstd", zstdCompressSync(document)],
  ["identity", document],
  ["identity", gzipSync(document)],
  ["", zstdCompressSync(document)],
  ["zipped", gzipSync(document)],
])("asks for nothing compressed, and reads %j all the same, by its first bytes", async (encoding, body) => {
  const { call, received } = await answering(encoding, body);
  await received();
  expect(call.images.get(0)).toEqual(fox);
  expect(asked.at(-1)).toBe("identity");
});

it("refuses a small bomb that unpacks to half a gigabyte, in little memory", async () => {
  const { received } = await answering("gzip", gzipSync(Buffer.alloc(500_000_000, " "), { level: 1 }));
  const before = process.memoryUsage.rss();
  await expect(received()).rejects.toThrow("longer than 360 MB");
  expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
});

it("refuses the same bomb when nothing says that it is compressed", async () => {
  const { received } = await answering("", gzipSync(Buffer.alloc(500_000_000, " "), { level: 1 }));
  const before = process.memoryUsage.rss();
  await expect(received()).rejects.toThrow("longer than 360 MB");
  expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
});

it("does not unpack the bomb of a refusal beyond what a refusal may say", async () => {
  const { received } = await answering("gzip", gzipSync(Buffer.alloc(100_000_000, " ")), 400);
  await expect(received()).rejects.toBeInstanceOf(ProviderError);
});

it.each([
  ["compressed data that is damaged", "gzip", Buffer.concat([gzipSync(document).subarray(0, 20), Buffer.alloc(50)])],
  ["compressed data that is cut short", "gzip", gzipSync(document).subarray(0, 25)],
  ["an encoding that nobody knows", "zipped", brotliCompressSync(document)],
])("refuses %s with a sentence, and keeps no image of it", async (_what, encoding, body) => {
  const { call, received } = await answering(encoding, body);
  await expect(received()).rejects.toBeInstanceOf(ProviderError);
  expect(call.images.size).toBe(0);
});
