import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { answerParent } from "../children.ts";
import { noisePng } from "../noise.ts";

/** An image service and a Discord that cost next to nothing, so that what is measured is the bot. */
type Question =
  | { readonly ask: "prepare"; readonly small: boolean; readonly count: number }
  /** Hashes the files of what comes until the next tally. */
  | { readonly ask: "check" }
  | { readonly ask: "tally" };

/** What arrived at Discord since the last tally. */
export interface Arrived {
  readonly posts: number;
  readonly bytes: number;
  /** Of each file, in the order of their numbers in the posts; empty when files are not looked at. */
  readonly hashes: readonly string[];
}

let answerPieces: Buffer[] = [];
let checking = false;
let arrived: { posts: number; bytes: number; hashes: string[] } = { posts: 0, bytes: 0, hashes: [] };

async function prepare(small: boolean, count: number): Promise<readonly string[]> {
  const [width, height] = small ? [1024, 576] : [3840, 2160];
  const hashes: string[] = [];
  answerPieces = [Buffer.from('{"created":1,"data":[')];
  for (let index = 0; index < count; index += 1) {
    const image = await noisePng(width, height, 1000 + index);
    hashes.push(createHash("sha256").update(image).digest("hex"));
    const text = `${index > 0 ? "," : ""}{"b64_json":"${image.toString("base64")}"}`;
    answerPieces.push(Buffer.from(text, "latin1"));
  }
  answerPieces.push(Buffer.from('],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50}}'));
  return hashes;
}

async function generate(request: IncomingMessage, response: ServerResponse): Promise<void> {
  for await (const _ of request);
  const length = answerPieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(200, { "content-type": "application/json", "content-length": length });
  for (const piece of answerPieces) {
    if (!response.write(piece)) await new Promise((resolve) => response.once("drain", resolve));
  }
  response.end();
}

let messages = 0;

async function takeMessage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  if (checking && request.url !== "/api/floor") arrived.hashes.push(...(await hashesOf(request)));
  else await new Promise((resolve) => request.once("end", resolve));
  arrived.posts += 1;
  arrived.bytes += bytes;
  messages += 1;
  const message = { id: String(1_300_000_000_000_000_000n + BigInt(messages)), channel_id: "1200000000000000001" };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message));
}

async function hashesOf(request: IncomingMessage): Promise<string[]> {
  const form = new Busboy({ headers: request.headers as BusboyHeaders });
  const hashes = new Map<string, string>();
  form.on("file", (field, stream) => {
    const hash = createHash("sha256");
    stream.on("data", (chunk) => hash.update(chunk));
    stream.on("end", () => hashes.set(field, hash.digest("hex")));
  });
  await new Promise((resolve, reject) => {
    form.once("finish", () => resolve(undefined)).once("error", reject);
    request.pipe(form);
  });
  return [...hashes].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })).map(([, hash]) => hash);
}

const server = createServer((request, response) => {
  const handle = request.url?.endsWith("/images/generations") ? generate : takeMessage;
  handle(request, response).catch(() => response.destroy());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
answerParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async (question) => {
  const asked = question as Question;
  if (asked.ask === "prepare") return prepare(asked.small, asked.count);
  checking = asked.ask === "check";
  if (checking) return undefined;
  const sofar: Arrived = arrived;
  arrived = { posts: 0, bytes: 0, hashes: [] };
  return sofar;
});
