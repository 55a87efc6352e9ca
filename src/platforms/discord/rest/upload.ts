import { randomBytes } from "node:crypto";
import { open, stat } from "node:fs/promises";
import type { REST, ResponseLike } from "discord.js";
import { Agent, type Dispatcher, Headers, request } from "undici";
import { giveBack, takeBuffer } from "../../../flow/buffers.ts";
import type { OutgoingFile } from "./message.ts";

/** A form whose files are read while they are sent; it can be sent again, as a rate limit asks for. */
export interface StreamedForm {
  readonly boundary: string;
  /** Bytes of the whole body, known before the first leaves. */
  readonly length: number;
  /** The body from its start. A piece of 512 KB may change once the next one is asked for; shorter ones stay. */
  bytes(): AsyncGenerator<Uint8Array>;
}

/** Files are read in pieces of this many bytes: many small ones cost more than sending does. */
const pieceBytes = 512 * 1024;

const connectTimeoutMs = 10_000;
const keepAliveMs = 30_000;

/** A message with files as Discord takes it: `payload_json` and `files[n]`. Throws when a file is gone. */
export async function streamedForm(payload: object, files: readonly OutgoingFile[]): Promise<StreamedForm> {
  const boundary = `atelier-${randomBytes(18).toString("base64url")}`;
  const json = { name: "payload_json", type: "application/json" };
  const parts = await Promise.all(
    files.map(async ({ path, name, mime }, index) => ({
      head: headOf(boundary, { name: `files[${index}]`, filename: name, type: mime }),
      path,
      size: (await stat(path)).size,
    })),
  );
  const start = Buffer.concat([headOf(boundary, json), Buffer.from(`${JSON.stringify(payload)}\r\n`)]);
  const end = Buffer.from(`--${boundary}--\r\n`);
  const length = parts.reduce((sum, { head, size }) => sum + head.length + size + newLine.length, 0);
  return {
    boundary,
    length: start.length + length + end.length,
    async *bytes() {
      yield start;
      for (const { head, path, size } of parts) {
        yield head;
        yield* piecesOf(path, size);
        yield newLine;
      }
      yield end;
    },
  };
}

const newLine = Buffer.from("\r\n");

function headOf(boundary: string, part: { name: string; filename?: string; type: string }): Buffer {
  const filename = part.filename === undefined ? "" : `; filename="${quoted(part.filename)}"`;
  const disposition = `Content-Disposition: form-data; name="${part.name}"${filename}`;
  return Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: ${part.type}\r\n\r\n`);
}

/** As the HTML standard has it for names in forms. */
function quoted(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Reads one piece ahead of what is being sent. Throws when the file has not the size that was promised. */
async function* piecesOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r");
  const buffers = [takeBuffer(), takeBuffer()] as const;
  let left = size;
  const read = (into: Buffer) => handle.read(into, 0, Math.min(left, pieceBytes));
  let next = read(buffers[0]);
  try {
    for (let turn = 1; left > 0; turn += 1) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) throw new Error(`The file shrank while it was sent: ${path}`);
      left -= bytesRead;
      // The other buffer is free: the socket asks for more only when a full piece has left. Of a short one it may keep
      // the end for later.
      if (left > 0) next = read(buffers[turn % 2] as Buffer);
      const piece = buffer.subarray(0, bytesRead);
      yield bytesRead === pieceBytes ? piece : Buffer.from(piece);
    }
  } finally {
    await next.catch(() => undefined); // it still writes into its buffer
    for (const buffer of buffers) giveBack(buffer);
    await handle.close();
  }
}

type MakeRequest = REST["options"]["makeRequest"];

/**
 * The way by which discord.js's REST sends each of its requests: the library counts and waits for the rate limits, and
 * asks again after a 429; a form starts from its beginning then. Answers are read whole, so that no connection hangs.
 */
export function sender(): MakeRequest {
  const agent = new Agent({ allowH2: false, keepAliveTimeout: keepAliveMs, connect: { timeout: connectTimeoutMs } });
  return async (url, init) => {
    const { method = "GET", headers, body, signal } = init as unknown as PendingUpload;
    const answer = await request(url, {
      dispatcher: agent,
      method: method as Dispatcher.HttpMethod,
      signal: signal ?? null,
      headersTimeout: 0, // REST's own timeout bounds the whole request
      bodyTimeout: 0,
      ...sent(headers, body),
    });
    const text = await answer.body.text();
    return responseOf(answer, text);
  };
}

/** REST truly hands this over. */
interface PendingUpload {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | StreamedForm | null;
  readonly signal?: AbortSignal;
}

function sent(
  headers: PendingUpload["headers"],
  body: PendingUpload["body"],
): Pick<Dispatcher.RequestOptions, "headers" | "body"> {
  if (typeof body !== "object" || body === null) return { headers, body: body ?? null };
  const type = `multipart/form-data; boundary=${body.boundary}`;
  return {
    headers: { ...headers, "content-type": type, "content-length": String(body.length) },
    body: body.bytes() as unknown as NonNullable<Dispatcher.RequestOptions["body"]>, // its types forget iterables
  };
}

function responseOf({ statusCode: status, headers: pairs }: Dispatcher.ResponseData, text: string): ResponseLike {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(pairs)) for (const each of [value].flat()) headers.append(name, each);
  return {
    ...{ status, headers, statusText: "", ok: status >= 200 && status < 300, bodyUsed: true, body: null },
    text: async () => text,
    json: async () => JSON.parse(text),
    arrayBuffer: async () => new TextEncoder().encode(text).buffer,
  } satisfies Record<keyof ResponseLike, unknown> as unknown as ResponseLike;
}
