import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  cutInTheMiddle,
  drawImages,
  failing,
  type ModelsAnswer,
  refusal,
  sendJson,
  sendPage,
  serverError,
} from "./apimodels-answers.ts";
import {
  costOf,
  isTask,
  type ModelsUpload,
  ModelsViolation,
  pixelsFor,
  readModelsEdit,
  readModelsGeneration,
} from "./apimodels-rules.ts";
import { FakeTask, type TaskScript } from "./apimodels-tasks.ts";

/** One POST, as it arrived and what it came to. */
interface ModelsRequest extends ModelsUpload {
  readonly path: string;
  readonly authorization: string | undefined;
  /** The rule of the document that it broke; undefined when none. */
  readonly violation: string | undefined;
  readonly answer: ModelsAnswer;
  /** The id of the task that was made. */
  readonly task: string | undefined;
  /** Credits of a tenth of a cent. */
  readonly charged: number;
}

interface ModelsPoll {
  readonly id: string;
  /** 0 for a cut connection. */
  readonly status: number;
}

export interface FakeApimodelsOptions {
  /** `am-test-key` unless given. */
  readonly apiKey?: string;
  /** Keys of other accounts. */
  readonly alsoAccepts?: readonly string[];
  /** Ready-made bytes instead of images of exactly the asked size. */
  readonly image?: Buffer;
}

/** A service that plays apimodels.app strictly by its document on 127.0.0.1. */
export interface FakeApimodels {
  /** With `/api/v1`. */
  readonly baseUrl: string;
  /** Where the images lie: `http://127.0.0.1:port`, another origin (AM-26). */
  readonly fileOrigin: string;
  readonly apiKey: string;
  /** Paid requests. */
  readonly requests: readonly ModelsRequest[];
  /** Free requests about tasks, in order. */
  readonly polls: readonly ModelsPoll[];
  /** Everything that the document, or good manners, forbids. */
  readonly violations: readonly string[];
  /** All credits charged so far. */
  readonly charged: number;
  /** One for each of the next paid requests; afterwards as documented again. */
  answerNext(...answers: ModelsAnswer[]): void;
  /** Resolves as soon as `count` paid requests have arrived in all. */
  arrived(count: number): Promise<void>;
  /** Resolves as soon as `count` polls have been answered in all. */
  polled(count: number): Promise<void>;
  /** The URL of an image on the other origin. */
  publish(bytes: Buffer): string;
  /** Lets every request that hangs go on. */
  release(): void;
  /** Cuts whatever hangs. */
  close(): Promise<void>;
}

export async function startFakeApimodels(options: FakeApimodelsOptions = {}): Promise<FakeApimodels> {
  const fake = new Fake(options);
  await fake.listen();
  return fake;
}

class Fake implements FakeApimodels {
  private readonly accepted: readonly string[];
  readonly apiKey: string;
  readonly requests: ModelsRequest[] = [];
  readonly polls: ModelsPoll[] = [];
  readonly violations: string[] = [];
  baseUrl = "";
  fileOrigin = "";
  private readonly image: Buffer | undefined;
  private readonly api: Server;
  private readonly fileServer: Server;
  private readonly answers: ModelsAnswer[] = [];
  private readonly tasks = new Map<string, FakeTask>();
  private readonly files = new Map<string, Buffer>();
  private readonly waiting = new Set<() => void>();
  private readonly watchers = new Set<() => void>();

  constructor({ apiKey = "am-test-key", alsoAccepts = [], image }: FakeApimodelsOptions) {
    this.apiKey = apiKey;
    this.accepted = [apiKey, ...alsoAccepts].map((key) => `Bearer ${key}`);
    this.image = image;
    this.api = createServer((request, response) => {
      const serving = request.method === "GET" ? this.servePoll(request, response) : this.serve(request, response);
      serving.catch((error) => {
        this.violations.push(`the fake failed: ${error}`);
        response.destroy();
      });
    });
    this.fileServer = createServer((request, response) => this.serveFile(request, response));
  }

  async listen(): Promise<void> {
    this.baseUrl = `${await listening(this.api)}/api/v1`;
    this.fileOrigin = await listening(this.fileServer);
  }

  get charged(): number {
    return this.requests.reduce((sum, { charged }) => sum + charged, 0);
  }

  answerNext(...answers: ModelsAnswer[]): void {
    this.answers.push(...answers);
  }

  async arrived(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  async polled(count: number): Promise<void> {
    while (this.polls.length < count) await new Promise<void>((resolve) => this.watchers.add(resolve));
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

  publish(bytes: Buffer): string {
    const path = `/${this.files.size + 1}.png`;
    this.files.set(path, bytes);
    return `${this.fileOrigin}${path}`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const read = await this.read(request, path);
    const violation = read instanceof ModelsViolation ? read : undefined;
    const upload: ModelsUpload = read instanceof ModelsViolation ? { fields: {}, files: [] } : read;
    const answer: ModelsAnswer = violation ? refusal(violation) : (this.answers.shift() ?? { kind: "documented" });
    if (violation) this.violations.push(`${path}: ${violation.message}`);
    const count = answer.count ?? Number(upload.fields.n ?? 1);
    const asksTask = answer.kind === "task" || (answer.kind === "documented" && isTask(upload.fields));
    const task = asksTask ? this.create(upload, count, answer.task ?? {}) : undefined;
    const billed = task ? task.billed : !failing.includes(answer.kind);
    const { authorization } = request.headers;
    const outcome = { answer, task: task?.id, charged: billed ? costOf(upload.fields, count) : 0 };
    this.requests.push({ path, authorization, ...upload, violation: violation?.message, ...outcome });
    wakeAll(this.watchers);
    await (task ? this.replyWithTask(response, task) : this.reply(response, answer, upload, count));
  }

  private async read(request: IncomingMessage, path: string): Promise<ModelsUpload | ModelsViolation> {
    try {
      this.checkKey(request);
      if (path === "/api/v1/images/generations") return await readModelsGeneration(request);
      if (path === "/api/v1/images/edits") return await readModelsEdit(request);
      throw new ModelsViolation("not_found", "no such address", 404);
    } catch (problem) {
      if (problem instanceof ModelsViolation) return problem;
      throw problem;
    }
  }

  /** AM-2. */
  private checkKey({ headers }: IncomingMessage): void {
    if (this.accepted.includes(headers.authorization ?? "")) return;
    throw new ModelsViolation("invalid_api_key", "Incorrect API key provided", 401);
  }

  private create({ fields }: ModelsUpload, count: number, script: TaskScript): FakeTask {
    const task = new FakeTask(`task-${this.tasks.size + 1}`, fields, count, script);
    this.tasks.set(task.id, task);
    return task;
  }

  private async replyWithTask(response: ServerResponse, task: FakeTask): Promise<void> {
    await this.callBack(task, task.callbacks(0));
    if (task.lost) response.destroy();
    else sendJson(response, 200, { code: 200, data: { taskId: task.id } });
  }

  /** AM-17. */
  private async callBack({ fields }: FakeTask, bodies: readonly unknown[]): Promise<void> {
    for (const body of bodies) {
      const url = String(fields.callback_url);
      const headers = { "content-type": "application/json" };
      const { status } = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
      if (status !== 200) this.violations.push(`the callback was answered with ${status}`);
    }
  }

  /** AM-16. */
  private async servePoll(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", this.baseUrl);
    if (pathname !== "/api/v1/images/generations") return sendJson(response, 404, { message: "no such address" });
    const id = searchParams.get("task_id") ?? "";
    const task = this.tasks.get(id);
    const owner = this.requests.find((each) => task && each.task === id)?.authorization;
    // A task is there for the account that it belongs to.
    const withKey = request.headers.authorization === (owner ?? `Bearer ${this.apiKey}`);
    if (!withKey) this.violations.push("a poll without the key");
    if (!task || !withKey) {
      this.notePoll(id, 404);
      return sendJson(response, 404, { code: 404, message: "task not found" });
    }
    await this.callBack(task, task.callbacks());
    const { status = 200, headers = {}, body } = await task.poll(() => this.urlsOf(task));
    this.notePoll(id, body === undefined ? 0 : status);
    if (body === undefined) response.destroy();
    else if (typeof body === "string") sendPage(response, status, headers);
    else sendJson(response, status, body, headers);
  }

  private notePoll(id: string, status: number): void {
    this.polls.push({ id, status });
    wakeAll(this.watchers);
  }

  private async urlsOf({ fields, count }: FakeTask): Promise<string[]> {
    return (await this.make(fields, count)).map((bytes) => this.publish(bytes));
  }

  private async reply(
    response: ServerResponse,
    answer: ModelsAnswer,
    upload: ModelsUpload,
    count: number,
  ): Promise<void> {
    const headers = { "x-request-id": `req_${this.requests.length}`, ...answer.headers };
    const { kind } = answer;
    if (kind === "error") return sendJson(response, answer.status ?? 500, answer.body ?? serverError, headers);
    if (kind === "html") return sendPage(response, answer.status ?? 502, headers);
    if (kind === "hang") await new Promise<void>((resolve) => this.waiting.add(resolve));
    if (kind === "before-headers") return void response.destroy();
    const document = JSON.stringify({ created: 1740000000, data: await this.dataFor(kind, upload, count) });
    if (kind === "mid-body") return cutInTheMiddle(response, document, headers);
    const sent = kind === "malformed" ? `${document.slice(0, 40)}]` : document;
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(sent);
  }

  /** AM-14, X-17. */
  private async dataFor(kind: ModelsAnswer["kind"], { fields }: ModelsUpload, count: number): Promise<unknown> {
    if (kind === "null") return null;
    if (kind === "empty") return [];
    const images = await this.make(fields, count);
    return images.map((bytes) => {
      const [b64_json, url] = [bytes.toString("base64"), this.publish(bytes)];
      if (kind === "url" || fields.response_format === "url") return { url };
      if (kind === "b64") return { b64_json };
      return { b64_json: kind === "bad-b64" ? `${b64_json.slice(0, 40)}***` : b64_json, url };
    });
  }

  private make(fields: ModelsUpload["fields"], count: number): Promise<readonly Buffer[]> {
    const ready = this.image;
    return ready ? Promise.resolve(Array.from({ length: count }, () => ready)) : drawImages(pixelsFor(fields), count);
  }

  private serveFile(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization) this.violations.push(`${request.url}: the key was sent to the file server`);
    const bytes = this.files.get(request.url ?? "");
    if (bytes) response.writeHead(200, { "content-type": "image/png" }).end(bytes);
    else response.writeHead(404).end();
  }
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
