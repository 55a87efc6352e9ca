import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import type { UploadedFile } from "./rules.ts";
import type { FakeFault, FakeState } from "./state.ts";

/** A request to the REST API, read whole. */
export interface ApiRequest {
  readonly method: string;
  /** Without /api/v10 and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Signed with the bot's token. */
  readonly bot: boolean;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  /** The length of the whole body. */
  readonly bytes: number;
}

/** Discord says no: `{ code, message }` with a status. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Resolves to the JSON of the answer; undefined is 204. */
export type ApiHandler = (request: ApiRequest) => unknown;

export async function listen(state: FakeState, handle: ApiHandler): Promise<Server> {
  const server = createServer((request, response) => {
    serve(state, handle, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(state.options.port ?? 0, "127.0.0.1", resolve));
  const address = server.address();
  state.origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return server;
}

async function serve(state: FakeState, handle: ApiHandler, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", state.origin);
  const method = request.method ?? "GET";
  const file = state.files.get(url.pathname);
  if (file && method === "GET") return void response.writeHead(200).end(file.bytes);
  const path = url.pathname.replace(/^\/api\/v10/, "");
  const fault = takeFault(state, method, path);
  const rate = fault ? undefined : rateOf(state, method, path);
  const read = await readRequest(request, { method, path, query: url.searchParams, bot: isBot(state, request) });
  const refusal = fault ?? rate?.exceeded;
  const isStored = refusal === undefined || fault?.afterStoring === true;
  const outcome = isStored ? await run(handle, read) : undefined;
  const plain = refusal ? faultAnswer(refusal) : outcome;
  const answer = plain && { ...plain, headers: { ...plain.headers, ...rate?.headers } };
  state.requests.push({ method, path, status: answer?.status ?? 0, at: state.now() });
  if (fault?.status === "hang") return state.changed();
  if (answer) send(response, answer);
  else response.destroy();
  state.changed();
}

function isBot(state: FakeState, request: IncomingMessage): boolean {
  return request.headers.authorization === `Bot ${state.token}`;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

async function run(handle: ApiHandler, request: ApiRequest): Promise<Answer> {
  try {
    const body = await handle(request);
    return { status: body === undefined ? 204 : 200, body };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, body: { code: error.code, message: error.message } };
  }
}

/** The bucket of a channel's messages. */
function rateOf(state: FakeState, method: string, path: string) {
  const { rate } = state.options;
  const channel = method === "POST" && /^\/channels\/(\d+)\/messages$/.exec(path)?.[1];
  if (!rate || !channel) return undefined;
  const now = Date.now();
  const open = state.buckets.get(channel);
  const bucket = open && open.until > now ? open : { until: now + rate.ms, used: 0 };
  bucket.used += 1;
  state.buckets.set(channel, bucket);
  const left = (bucket.until - now) / 1000;
  const headers = {
    "x-ratelimit-bucket": "messages",
    "x-ratelimit-limit": String(rate.messages),
    "x-ratelimit-remaining": String(Math.max(0, rate.messages - bucket.used)),
    "x-ratelimit-reset-after": String(left),
  };
  const fault = { method, path: /./, status: 429, scope: "user", retryAfterSeconds: left } as const;
  return { headers, exceeded: bucket.used > rate.messages ? fault : undefined };
}

function takeFault(state: FakeState, method: string, path: string): FakeFault | undefined {
  const fault = state.faults.find((each) => each.left > 0 && each.method === method && each.path.test(path));
  if (fault) fault.left -= 1;
  return fault;
}

function faultAnswer({
  status,
  code,
  errors,
  retryAfterSeconds = 0.05,
  scope = "shared",
}: FakeFault): Answer | undefined {
  const wait = { "retry-after": String(retryAfterSeconds) };
  if (status === "drop" || status === "hang") return undefined;
  if (status === "ban")
    return { status: 429, body: "error code: 1015", headers: { "content-type": "text/plain", ...wait } };
  if (status === 429) {
    const global = scope === "global";
    const body = { message: "You are being rate limited.", retry_after: retryAfterSeconds, global };
    const all: Record<string, string> = global ? { "x-ratelimit-global": "true" } : {};
    return { status, body, headers: { ...wait, ...all, "x-ratelimit-scope": scope } };
  }
  return { status, body: { code: code ?? 0, message: `fault ${code ?? status}`, ...(errors ? { errors } : {}) } };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function readRequest(
  request: IncomingMessage,
  known: Pick<ApiRequest, "method" | "path" | "query" | "bot">,
): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  if (request.headers["content-type"]?.startsWith("multipart/")) {
    return { ...known, bytes: raw.length, ...(await readForm(request.headers as BusboyHeaders, raw)) };
  }
  const body = raw.length > 0 ? JSON.parse(raw.toString()) : undefined;
  return { ...known, bytes: raw.length, body, files: [] };
}

function readForm(headers: BusboyHeaders, raw: Buffer): Promise<{ body: unknown; files: UploadedFile[] }> {
  return new Promise((resolve, reject) => {
    let body: unknown;
    const files: UploadedFile[] = [];
    const form = new Busboy({ headers, limits: { fieldSize: 1_000_000 } });
    form.on("field", (name, value) => {
      if (name === "payload_json") body = JSON.parse(value);
    });
    form.on("file", (name, stream, filename, _encoding, mime) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const index = /^files\[(\d+)\]$/.exec(name)?.[1] ?? name;
        files.push({ index, filename, mime, bytes: Buffer.concat(chunks) });
      });
    });
    form.on("finish", () => resolve({ body, files }));
    form.on("error", reject);
    form.end(raw);
  });
}
