import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { plainImage } from "../plain-image.ts";
import { type Upload, type UploadedFile, Violation } from "./tokenhub-rules.ts";

/** Says what the service does with one request; plain data, so that it can be sent to a child process. */
export interface FakeAnswer {
  /**
   * `images` as the request asks for them, `document` where events were asked, `url` addresses instead of bytes, or what
   * goes wrong: `error`, `html`, `hang` until released, the connection cut `before-headers` or `mid-body`, `empty` or
   * `null` data, `malformed` JSON; in a stream an `error-event` after the previews, or `no-completion`.
   */
  readonly kind:
    | "images"
    | "document"
    | "url"
    | "error"
    | "html"
    | "hang"
    | "before-headers"
    | "mid-body"
    | "empty"
    | "null"
    | "malformed"
    | "error-event"
    | "no-completion";
  /** For `error` and `html`; by default 500 and 502. */
  readonly status?: number;
  /** For `error` and `error-event`: the JSON body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Images made instead of those asked for. */
  readonly count?: number;
  /** Pixels made instead of those asked for. */
  readonly size?: string;
}

/** One POST, as it arrived and what it came to. */
interface FakeRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly UploadedFile[];
  /** The rule of the document that it broke; undefined when none. */
  readonly violation: string | undefined;
  readonly answer: FakeAnswer;
  /** Millionths of a dollar. */
  readonly charged: number;
}

/** Holds what differs between services that speak OpenAI's language. */
export interface ServiceRules {
  /** Reads a POST and holds it against the document. Throws Violation. */
  read(request: IncomingMessage, path: string, apiKey: string): Promise<Upload>;
  /** The answer to a GET, where there is one. */
  get?(path: string): object | undefined;
  errorBody(problem: { code: string | null; message: string; parameter?: string | null }): object;
  /** The size that the service makes of what was asked. */
  sizeMade(fields: Upload["fields"]): string;
  /** The whole answer. `images` are the entries of its `data`, still without what is special to the service. */
  document(images: readonly ImageData[], upload: Upload, made: Made): object;
  /** Undefined when the request asks for a document. */
  events?(image: ImageData, upload: Upload, made: Made): readonly object[] | undefined;
  /** For images that were made; millionths of a dollar. */
  charge(upload: Upload, made: Made): number;
}

export interface ImageData {
  readonly b64_json?: string;
  readonly url?: string;
}

export interface Made {
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

export interface FakeOptions {
  readonly apiKey?: string;
  /** Ready-made bytes instead of images of exactly the asked size. */
  readonly image?: Buffer;
}

const failing: readonly string[] = ["error", "html", "empty", "null", "error-event", "no-completion"];

/** A service that speaks OpenAI's language on 127.0.0.1, as strictly as its rules. */
export class FakeService {
  readonly apiKey: string;
  /** Paid requests, or what was meant to be one. */
  readonly requests: FakeRequest[] = [];
  /** Everything that the document, or good manners, forbids. */
  readonly violations: string[] = [];
  /** With `/v1`. */
  baseUrl = "";
  private readonly rules: ServiceRules;
  private readonly image: Buffer | undefined;
  private readonly api: Server;
  private readonly fileServer: Server;
  private fileOrigin = "";
  private readonly files = new Map<string, Buffer>();
  private readonly answers: FakeAnswer[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly watchers = new Set<() => void>();

  constructor(rules: ServiceRules, { apiKey = "sk-test-key", image }: FakeOptions) {
    this.rules = rules;
    this.apiKey = apiKey;
    this.image = image;
    this.api = createServer((request, response) => {
      this.serve(request, response).catch((error) => {
        this.violations.push(`the fake failed: ${error}`);
        response.destroy();
      });
    });
    this.fileServer = createServer((request, response) => this.serveFile(request, response));
  }

  async listen(): Promise<this> {
    this.baseUrl = `${await listening(this.api)}/v1`;
    this.fileOrigin = await listening(this.fileServer);
    return this;
  }

  /** Millionths of a dollar so far. */
  get charged(): number {
    return this.requests.reduce((sum, { charged }) => sum + charged, 0);
  }

  /** One for each of the next requests; afterwards images again. */
  answerNext(...answers: FakeAnswer[]): void {
    this.answers.push(...answers);
  }

  /** Resolves as soon as `count` requests have arrived in all. */
  async arrived(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  /** Lets every request that hangs go on. */
  release(): void {
    wakeAll(this.waiting);
  }

  /** Cuts whatever hangs. */
  async close(): Promise<void> {
    for (const server of [this.api, this.fileServer]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    this.release();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (request.method !== "POST") {
      const document = this.rules.get?.(path);
      return sendJson(response, document ? 200 : 404, document ?? this.rules.errorBody(notFound), {});
    }
    const read = await this.read(request, path);
    const violation = read instanceof Violation ? read : undefined;
    const upload: Upload = read instanceof Violation ? { fields: {}, files: [] } : read;
    const answer = violation ? this.refusal(violation) : (this.answers.shift() ?? { kind: "images" });
    if (violation) this.violations.push(`${path}: ${violation.message}`);
    const made = madeFor(answer, upload, this.rules);
    const charged = violation || failing.includes(answer.kind) ? 0 : this.rules.charge(upload, made);
    const { authorization } = request.headers;
    this.requests.push({ path, authorization, ...upload, violation: violation?.message, answer, charged });
    wakeAll(this.watchers);
    await this.reply(response, answer, upload, made);
  }

  private async read(request: IncomingMessage, path: string): Promise<Upload | Violation> {
    try {
      return await this.rules.read(request, path, this.apiKey);
    } catch (problem) {
      if (problem instanceof Violation) return problem;
      throw problem;
    }
  }

  private refusal({ status, code, message, parameter }: Violation): FakeAnswer {
    return {
      kind: "error",
      status,
      body: this.rules.errorBody({ code: code === "" ? null : code, message, parameter }),
    };
  }

  private async reply(response: ServerResponse, answer: FakeAnswer, upload: Upload, made: Made): Promise<void> {
    const headers = { "x-request-id": `req_${this.requests.length}`, ...answer.headers };
    const { kind, status } = answer;
    if (kind === "error") {
      return sendJson(response, status ?? 500, answer.body ?? this.rules.errorBody(itFailed), headers);
    }
    if (kind === "html") {
      const page = `<html><h1>${status ?? 502}</h1></html>`;
      return void response.writeHead(status ?? 502, { "content-type": "text/html", ...headers }).end(page);
    }
    if (kind === "hang") await new Promise<void>((resolve) => this.waiting.add(resolve));
    if (kind === "before-headers") return void response.destroy();
    const images = await this.images(answer, upload, made);
    const events = kind === "document" ? undefined : this.rules.events?.(images[0] ?? {}, upload, made);
    if (events) return this.replyEvents(response, answer, events, headers);
    const data = { empty: [], null: null }[kind as string];
    const whole = { ...this.rules.document(images, upload, made), ...(data === undefined ? {} : { data }) };
    const text = JSON.stringify(whole);
    if (kind === "mid-body") return cutInTheMiddle(response, text, headers);
    const sent = kind === "malformed" ? `${text.slice(0, 40)}]` : text;
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(sent);
  }

  private replyEvents(response: ServerResponse, answer: FakeAnswer, events: readonly object[], headers: object): void {
    const { kind } = answer;
    const failure = { type: "error", ...(answer.body ?? this.rules.errorBody(itFailed)) };
    const previews = events.slice(0, -1);
    const sent = { "error-event": [...previews, failure], "no-completion": previews }[kind as string] ?? events;
    const text = ["empty", "null"].includes(kind) ? ": nothing\n\n" : `${sent.map(eventText).join("")}data: [DONE]\n\n`;
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...headers });
    if (kind === "mid-body") response.write(text.slice(0, text.length / 2), () => response.destroy());
    else response.end(kind === "malformed" ? text.replace('"b64_json"', "b64_json") : text);
  }

  private images(answer: FakeAnswer, { fields }: Upload, made: Made): Promise<ImageData[]> {
    const format = String(fields.output_format ?? "png") as "png" | "jpeg" | "webp";
    return Promise.all(
      Array.from({ length: made.count }, async (_, at) => {
        const bytes = this.image ?? (await plainImage(made, format, at));
        return answer.kind === "url" ? { url: this.publish(bytes) } : { b64_json: bytes.toString("base64") };
      }),
    );
  }

  private publish(bytes: Buffer): string {
    const path = `/${this.files.size + 1}`;
    this.files.set(path, bytes);
    return `${this.fileOrigin}${path}`;
  }

  private serveFile(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization) this.violations.push(`${request.url}: the key was sent to the file server`);
    const bytes = this.files.get(request.url ?? "");
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }
}

const notFound = { code: "not_found", message: "no such address" };
const itFailed = { code: "server_error", message: "The server had an error while processing your request" };

function madeFor(answer: FakeAnswer, { fields }: Upload, rules: ServiceRules): Made {
  const [width = 0, height = 0] = (answer.size ?? rules.sizeMade(fields)).split("x").map(Number);
  return { width, height, count: answer.count ?? (Number(fields.n ?? 1) || 1) };
}

function eventText(event: object): string {
  return `event: ${"type" in event ? event.type : "message"}\ndata: ${JSON.stringify(event)}\n\n`;
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: object): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function cutInTheMiddle(response: ServerResponse, document: string, headers: object): void {
  const length = Buffer.byteLength(document);
  response.writeHead(200, { "content-type": "application/json", "content-length": length, ...headers });
  response.write(document.slice(0, document.length / 2), () => response.destroy());
}

function wakeAll(waiting: Set<() => void>): void {
  const all = [...waiting];
  waiting.clear();
  for (const wake of all) wake();
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
