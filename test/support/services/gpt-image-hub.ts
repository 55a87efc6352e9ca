import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  draw,
  errorBody,
  generationFailed,
  type HubAnswer,
  modelList,
  noMoney,
  notFound,
  refusal,
} from "./gpt-image-hub-answers.ts";
import { checkKey, type HubUpload, HubViolation, readUpload } from "./gpt-image-hub-rules.ts";

/** One POST, as it arrived and what it came to. */
interface HubRequest extends HubUpload {
  readonly path: string;
  readonly authorization: string | undefined;
  /** The rule of the document that it broke; undefined when none. */
  readonly violation: string | undefined;
  readonly answer: HubAnswer;
  /** In the service's credits: taken before the generation, given back when that failed (GH-20). */
  readonly taken: number;
  readonly refunded: number;
}

export interface FakeGptImageHubOptions {
  /** `gih_live_test` unless given. */
  readonly apiKey?: string;
  /** The account's credits; 120 unless given. */
  readonly balance?: number;
  /** Ready-made bytes instead of images of a fitting size. */
  readonly image?: Buffer;
}

/** A service that plays GPT Image Hub strictly by its document on 127.0.0.1. */
export interface FakeGptImageHub {
  /** The site itself, without `/api/v1` (GH-1). */
  readonly baseUrl: string;
  /** Where the images lie: `http://127.0.0.1:port`, another origin. */
  readonly fileOrigin: string;
  readonly apiKey: string;
  /** Paid requests. */
  readonly requests: readonly HubRequest[];
  /** The paths of free requests, in order. */
  readonly reads: readonly string[];
  /** Everything that the document, or good manners, forbids. */
  readonly violations: readonly string[];
  /** The account has paid so much so far, refunds taken off, in the service's credits. */
  readonly charged: number;
  /** The next reads are answered with these, by path, instead of the document's example. */
  readonly documents: Map<string, unknown>;
  /** One for each of the next paid requests; afterwards URLs again. */
  answerNext(...answers: HubAnswer[]): void;
  /** Resolves as soon as `count` paid requests have arrived in all. */
  arrived(count: number): Promise<void>;
  /** Lets every request that hangs go on. */
  release(): void;
  /** Cuts whatever hangs. */
  close(): Promise<void>;
}

const failing: readonly string[] = ["error", "html", "empty", "null"];

export async function startFakeGptImageHub(options: FakeGptImageHubOptions = {}): Promise<FakeGptImageHub> {
  const fake = new Fake(options);
  await fake.listen();
  return fake;
}

class Fake implements FakeGptImageHub {
  readonly apiKey: string;
  readonly requests: HubRequest[] = [];
  readonly reads: string[] = [];
  readonly violations: string[] = [];
  readonly documents = new Map<string, unknown>();
  baseUrl = "";
  fileOrigin = "";
  private readonly balance: number;
  private readonly image: Buffer | undefined;
  private readonly api: Server;
  private readonly fileServer: Server;
  private readonly answers: HubAnswer[] = [];
  private readonly files = new Map<string, Buffer>();
  private readonly waiting = new Set<() => void>();
  private readonly watchers = new Set<() => void>();

  constructor({ apiKey = "gih_live_test", balance = 120, image }: FakeGptImageHubOptions) {
    this.apiKey = apiKey;
    this.balance = balance;
    this.image = image;
    this.api = createServer((request, response) => {
      this.serve(request, response).catch((error) => {
        this.violations.push(`the fake failed: ${error}`);
        response.destroy();
      });
    });
    this.fileServer = createServer((request, response) => this.serveFile(request, response));
  }

  async listen(): Promise<void> {
    this.baseUrl = await listening(this.api);
    this.fileOrigin = await listening(this.fileServer);
  }

  get charged(): number {
    return this.requests.reduce((sum, { taken, refunded }) => sum + taken - refunded, 0);
  }

  answerNext(...answers: HubAnswer[]): void {
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
    const path = request.url ?? "";
    const read = await this.read(request, path);
    if (request.method === "GET") return this.serveRead(response, path, read);
    const violation = read instanceof HubViolation ? read : undefined;
    const upload: HubUpload = read instanceof HubViolation ? { fields: {}, files: [] } : read;
    const count = Number(upload.fields.n ?? 1);
    const problem = violation ?? (this.balance - this.charged < count ? noMoney() : undefined);
    const answer = problem ? refusal(problem) : (this.answers.shift() ?? { kind: "urls" });
    if (violation) this.violations.push(`${path}: ${violation.message}`);
    const taken = problem ? 0 : count;
    const refunded = failing.includes(answer.kind) ? taken : 0;
    const { authorization } = request.headers;
    this.requests.push({ path, authorization, ...upload, violation: violation?.message, answer, taken, refunded });
    wakeAll(this.watchers);
    await this.reply(response, answer, upload);
  }

  private async read(request: IncomingMessage, path: string): Promise<HubUpload | HubViolation> {
    try {
      if (path !== "/api/v1/models") checkKey(request.headers.authorization, this.apiKey);
      if (request.method === "GET") return { fields: {}, files: [] };
      if (path === "/api/v1/images/generations") return await readUpload(request);
      throw notFound();
    } catch (problem) {
      if (problem instanceof HubViolation) return problem;
      throw problem;
    }
  }

  private serveRead(response: ServerResponse, path: string, read: HubUpload | HubViolation): void {
    this.reads.push(path);
    const document = this.documents.get(path) ?? this.standing(path);
    const problem = read instanceof HubViolation ? read : document ? undefined : notFound();
    if (problem) sendJson(response, problem.status, errorBody(problem));
    else sendJson(response, 200, document);
  }

  private standing(path: string): unknown {
    if (path === "/api/v1/models") return modelList;
    return path === "/api/v1/credits" ? { object: "credits", ...this.account() } : undefined;
  }

  private account(): object {
    return { credits: this.balance - this.charged, account_type: "PRO", next_expiration: null };
  }

  private async reply(response: ServerResponse, answer: HubAnswer, upload: HubUpload): Promise<void> {
    const headers = { "content-type": "application/json", ...answer.headers };
    const { kind } = answer;
    if (kind === "error") {
      return sendJson(response, answer.status ?? 500, answer.body ?? errorBody(generationFailed()), headers);
    }
    if (kind === "html") {
      const page = `<html><h1>${answer.status ?? 502}</h1></html>`;
      return void response.writeHead(answer.status ?? 502, { ...headers, "content-type": "text/html" }).end(page);
    }
    if (kind === "hang") await new Promise<void>((resolve) => this.waiting.add(resolve));
    if (kind === "before-headers") return void response.destroy();
    const document = JSON.stringify(await this.generation(answer, upload));
    if (kind === "before-id") return cutAt(response, document, document.indexOf('"id"') + 8);
    if (kind === "mid-body") return cutAt(response, document, document.indexOf('"images"') + 40);
    response.writeHead(200, headers).end(kind === "malformed" ? `${document.slice(0, -1)}]` : document);
  }

  /** GH-19, and what GH-7 will tell of it. */
  private async generation(answer: HubAnswer, upload: HubUpload): Promise<object> {
    const id = `clx_generation_${this.requests.length}`;
    const { kind } = answer;
    const count = answer.count ?? Number(upload.fields.n ?? 1);
    const made = ["empty", "null"].includes(kind) ? [] : Array.from({ length: count }, (_, index) => index);
    const bytes = await Promise.all(made.map(() => this.image ?? draw(upload)));
    const listed = (alive: boolean) => made.map((at) => this.publish(`${id}_${at}`, alive ? bytes[at] : undefined));
    const document = (images: object[] | null) => ({
      object: "image_generation",
      id,
      status: answer.generation ?? "succeeded",
      model: "gpt-image-2",
      aspect_ratio: upload.fields.aspect_ratio ?? "auto",
      quality: upload.fields.quality ?? "1K",
      images,
      usage: { credits: Number(upload.fields.n ?? 1) },
      balance: this.account(),
    });
    const record = answer.record === undefined ? document(listed(kind !== "gone").toReversed()) : answer.record;
    this.documents.set(`/api/v1/generations/${id}`, record);
    return document(kind === "null" ? null : listed(!["expired", "gone"].includes(kind)));
  }

  private publish(image: string, bytes: Buffer | undefined): object {
    const path = `/${image}.png?signature=${this.files.size}`;
    if (bytes) this.files.set(path, bytes);
    return { id: image, object: "image", url: `${this.fileOrigin}${path}`, created_at: "2026-04-30T08:00:00.000Z" };
  }

  private serveFile(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization) this.violations.push(`${request.url}: the key was sent to the file server`);
    const bytes = this.files.get(request.url ?? "");
    if (bytes) response.writeHead(200, { "content-type": "image/png" }).end(bytes);
    else response.writeHead(403).end();
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function cutAt(response: ServerResponse, document: string, length: number): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(document) });
  response.write(document.slice(0, length), () => response.destroy());
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
