import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";

/** Bytes of a body, which is not looked at. */
export async function count(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await new Promise((resolve) => request.once("end", resolve));
  return bytes;
}

/** SHA-256 of each file of a form, in the order of their numbers. */
export async function hashesOf(request: IncomingMessage): Promise<string[]> {
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

/** The job whose first image a small form holds, by the name of its file. */
export async function jobIn(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return /filename="([0-9a-v]+)-1\./.exec(Buffer.concat(chunks).toString("latin1"))?.[1] ?? "none";
}
