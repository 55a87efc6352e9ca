import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerParent } from "../children.ts";
import { noisePng } from "../noise.ts";

/** An image service that costs next to nothing, so that what is measured is the bot. */
export interface Preparing {
  readonly ask: "prepare";
  /** Each answer has so many images of that size. */
  readonly size: ImageSize;
  readonly count: number;
}

export type ImageSize = "1K" | "4K";

/** An answer, and what it holds. */
export interface Prepared {
  readonly bytes: number;
  /** The hashes of its images, in their order. */
  readonly hashes: readonly string[];
}

const sizes: Readonly<Record<ImageSize, readonly [width: number, height: number]>> = {
  "1K": [1024, 576], // 1.9 MB
  "4K": [3840, 1632], // 19.9 MB
};

let answerPieces: Buffer[] = [];

async function prepare({ size, count }: Preparing): Promise<Prepared> {
  const [width, height] = sizes[size];
  const hashes: string[] = [];
  let bytes = 0;
  answerPieces = [Buffer.from('{"created":1,"data":[')];
  for (let index = 0; index < count; index += 1) {
    const image = await noisePng(width, height, 1000 + index);
    bytes += image.length;
    hashes.push(createHash("sha256").update(image).digest("hex"));
    const text = `${index > 0 ? "," : ""}{"b64_json":"${image.toString("base64")}"}`;
    answerPieces.push(Buffer.from(text, "latin1"));
  }
  answerPieces.push(Buffer.from('],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50}}'));
  return { bytes, hashes };
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

const server = createServer((request, response) => {
  generate(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 600_000; // a connection must not be closed at the moment of its next use
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
answerParent(origin, (question) => prepare(question as Preparing));
