import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { plainImage } from "../plain-image.ts";
import { readEdit, readGeneration, type Upload, type UploadedFile, Violation } from "./tokenhub-rules.ts";

/** Says what the service does with one request; plain data, so that it can be sent to a child process. */
export interface FakeAnswer {
  /**
   * `data-uri` (TH-25), `url` (TH-26), `b64` (as OpenAI does), or what goes wrong: `error`, `html`, `hang` until
   * released, the connection cut `before-headers` or `mid-body`, `empty` or `null` data, `malformed` JSON.
   */
  readonly kind:
    | "data-uri"
    | "url"
    | "b64"
    | "error"
    | "html"
    | "hang"
    | "before-headers"
    | "mid-body"
    | "empty"
    | "null"
    | "malformed";
  /** For `error` and `html`; by default 500 and 502. */
  readonly status?: number;
  /** For `error`: the JSON body, by default an error in OpenAI's shape. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Images made instead of those asked for. */
  readonly count?: number;
  /** Pixels made instead of those asked for; `auto` makes 1024x1024. */
  readonly size?: string;
  /** Whether the call is billed; by default when its images were made, whatever then became of the answer. */
  readonly billed?: boolean;
}

/** One POST, as it arrived and what it came to. */
interface FakeRequest {
  /** Milliseconds since 1970, when its headers were there. */
  readonly at: number;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly UploadedFile[];
  /** The rule of the document that it broke; undefined when none. */
  readonly violation: string | undefined;
  readonly answer: FakeAnswer;
  /** Credits of a tenth of a cent. */
  readonly charged: number;
}

export interface FakeTokenHubOptions {
  /** `th-test-key` unless given. */
  readonly apiKey?: string;
  /** Keys of other accounts. */
  readonly alsoAccepts?: readonly string[];
  /** Any free port unless given. */
  readonly port?: number;
  /** Ready-made bytes instead of images of exactly the asked size. */
  readonly image?: Buffer;
}

/** A service that plays TokenHub strictly by its document on 127.0.0.1. */
export interface FakeTokenHub {
  /** With `/api/v1`. */
  readonly baseUrl: string;
  /** Where the images of `url` answers lie: `http://127.0.0.1:port`, another origin; or a line to it. */
  fileOrigin: string;
  readonly apiKey: string;
  readonly requests: readonly FakeRequest[];
  /** Everything that the document, or good manners, forbids. */
  readonly violations: readonly string[];
  /** All credits charged so far. */
  readonly charged: number;
  /** One for each of the next requests; afterwards data URIs again. */
  answerNext(...answers: FakeAnswer[]): void;
  /** Resolves as soon as `count` requests have arrived in all. */
  arrived(count: number): Promise<void>;
  /** Lets every request that hangs go on. */
  release(): void;
  /** Cuts whatever hangs. */
  close(): Promise<void>;
}

const prices = { "1K": 125, "2K": 250, "4K": 500 };

export async function startFakeTokenHub(options: FakeTokenHubOptions = {}): Promise<FakeTokenHub> {
  const fake = new Fake(options);
  await fake.listen(options.port ?? 0);
  return fake;
}

class Fake implements FakeTokenHub {
  readonly apiKey: string;
  private readonly accepted: readonly string[];
  readonly requests: FakeRequest[] = [];
  readonly violations: string[] = [];
  baseUrl = "";
  fileOrigin = "";
  private readonly api: Server;
  private readonly fileServer: Server;
  private readonly image: Buffer | undefined;
  private readonly answers: FakeAnswer[] = [];
  private readonly files = new Map<string, { type: string; bytes: Buffer }>();
  private readonly waiting = new Set<() => void>();
  private readonly watchers = new Set<() => void>();
  private drawn = 0;

  constructor({ apiKey = "th-test-key", alsoAccepts = [], image }: FakeTokenHubOptions) {
    this.apiKey = apiKey;
    this.accepted = [apiKey, ...alsoAccepts].map((key) => `Bearer ${key}`);
    this.image = image;
    this.api = createServer((request, response) => {
      this.serve(request, response).catch((error) => {
        this.violations.push(`the fake failed: ${error}`);
        response.destroy();
      });
    });
    this.fileServer = createServer((request, response) => this.serveFile(request, response));
  }

  async listen(port: number): Promise<void> {
    this.baseUrl = `${await listening(this.api, port)}/api/v1`;
    this.fileOrigin = await listening(this.fileServer, 0);
  }

  get charged(): number {
    return this.requests.reduce((sum, { charged }) => sum + charged, 0);
  }

  answerNext(...answers: FakeAnswer[]): void {
    this.answers.push(...answers);
  }

  async arrived(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  release(): void {
    wakeAll(this.waiting);
  }

  async close(): Promise<void> {
    for (const server of [this.api, this.fileServer]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    this.release();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const path = request.url ?? "";
    if (request.method !== "POST") {
      const status = this.accepted.includes(request.headers.authorization ?? "") ? 404 : 401;
      return sendJson(response, status, error(status === 401 ? "invalid_api_key" : "not_found", "no such address"));
    }
    const read = await this.read(request, path);
    const violation = read instanceof Violation ? read : undefined;
    const upload: Upload = read instanceof Violation ? { fields: {}, files: [] } : read;
    const answer: FakeAnswer = violation ? refusal(violation) : (this.answers.shift() ?? { kind: "data-uri" });
    if (violation) this.violations.push(`${path}: ${violation.message}`);
    const authorization = request.headers.authorization;
    const charged = chargeFor(answer, upload);
    this.requests.push({ at, path, authorization, ...upload, violation: violation?.message, answer, charged });
    wakeAll(this.watchers);
    await this.reply(response, answer, upload);
  }

  private async read(request: IncomingMessage, path: string): Promise<Upload | Violation> {
    try {
      if (!this.accepted.includes(request.headers.authorization ?? "")) {
        throw new Violation("invalid_api_key", "Incorrect API key provided", 401);
      }
      if (path === "/api/v1/images/generations") return await readGeneration(request);
      if (path === "/api/v1/images/edits") return await readEdit(request);
      throw new Violation("not_found", "no such address", 404);
    } catch (problem) {
      if (problem instanceof Violation) return problem;
      throw problem;
    }
  }

  private async reply(response: ServerResponse, answer: FakeAnswer, upload: Upload): Promise<void> {
    const headers = { "x-request-id": `req_${this.requests.length}`, ...answer.headers };
    if (answer.kind === "error") {
      return sendJson(response, answer.status ?? 500, answer.body ?? error("server_error", "it failed"), headers);
    }
    if (answer.kind === "html") return sendHtml(response, answer.status ?? 502, headers);
    if (answer.kind === "hang") await new Promise<void>((resolve) => this.waiting.add(resolve));
    if (answer.kind === "before-headers") return void response.destroy();
    const document = JSON.stringify({ created: 1740000000, data: await this.dataFor(answer, upload) });
    if (answer.kind === "mid-body") return cutInTheMiddle(response, document, headers);
    const sent = answer.kind === "malformed" ? `${document.slice(0, 40)}]` : document;
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(sent);
  }

  private async dataFor(answer: FakeAnswer, { fields }: Upload): Promise<unknown> {
    if (answer.kind === "null") return null;
    if (answer.kind === "empty") return [];
    const format = String(fields.output_format ?? fields.format ?? "png") as "png" | "jpeg" | "webp";
    const size = sizeMade(answer, fields);
    const count = answer.count ?? Number(fields.n ?? 1);
    const images = await Promise.all(Array.from({ length: count }, () => this.image ?? this.draw(size, format)));
    return images.map((bytes) => {
      if (answer.kind === "url") return { url: this.publish(bytes, format) };
      const text = bytes.toString("base64");
      return answer.kind === "b64" ? { b64_json: text } : { url: `data:image/${format};base64,${text}` };
    });
  }

  private draw(size: string, format: "png" | "jpeg" | "webp"): Promise<Buffer> {
    const [width = 0, height = 0] = size.split("x").map(Number);
    return plainImage({ width, height }, format, this.drawn++);
  }

  private publish(bytes: Buffer, format: string): string {
    const path = `/${this.files.size + 1}.${format}`;
    this.files.set(path, { type: `image/${format}`, bytes });
    return `${this.fileOrigin}${path}`;
  }

  private serveFile(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization) this.violations.push(`${request.url}: the key was sent to the file server`);
    const file = this.files.get(request.url ?? "");
    if (file) response.writeHead(200, { "content-type": file.type }).end(file.bytes);
    else response.writeHead(404).end();
  }
}

function sizeMade(answer: FakeAnswer, fields: Upload["fields"]): string {
  const size = answer.size ?? String(fields.size ?? "1024x1024");
  return size === "auto" ? "1024x1024" : size;
}

/** TH-9 to TH-13: by the longest side of the images made, and nothing for a call that failed. */
function chargeFor(answer: FakeAnswer, { fields }: Upload): number {
  const fails = ["error", "html", "empty", "null"].includes(answer.kind);
  if (!(answer.billed ?? !fails)) return 0;
  const longest = Math.max(...sizeMade(answer, fields).split("x").map(Number));
  return prices[longest <= 1536 ? "1K" : longest <= 2048 ? "2K" : "4K"] * (answer.count ?? Number(fields.n ?? 1));
}

function refusal({ status, code, message }: Violation): FakeAnswer {
  return { kind: "error", status, body: error(code, message) };
}

function error(code: string, message: string): object {
  return { error: { message, type: "invalid_request_error", param: null, code } };
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse, status: number, headers: object): void {
  response.writeHead(status, { "content-type": "text/html", ...headers }).end(`<html><h1>${status}</h1></html>`);
}

function cutInTheMiddle(response: ServerResponse, document: string, headers: object): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(document),
    ...headers,
  });
  response.write(document.slice(0, document.length / 2), () => response.destroy());
}

function wakeAll(waiting: Set<() => void>): void {
  const all = [...waiting];
  waiting.clear();
  for (const wake of all) wake();
}

async function listening(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
