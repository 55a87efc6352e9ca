import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Goes wrong with the requests that it matches, as often as it says. */
export interface S3Fault {
  readonly method?: string;
  /** Part of the key. */
  readonly key?: string;
  /** An HTTP status; `hang` never answers, `corrupt` answers with other bytes than were stored. */
  readonly fault: number | "hang" | "corrupt";
  times: number;
}

export interface FakeS3 {
  readonly endpoint: string;
  /** `bucket/key` -> bytes. */
  readonly objects: Map<string, Buffer>;
  /** `METHOD key`, in order; keys without the bucket. */
  readonly requests: string[];
  readonly faults: S3Fault[];
  /** Sets the time of an object's last change, ms since 1970. */
  age(key: string, changedAt: number): void;
  close(): Promise<void>;
}

interface Hold {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  changedAt: number;
}

const accessKeyId = "fake-access-key";
/** A client must be given these. */
export const fakeS3Credentials = { accessKeyId, secretAccessKey: "fake-secret-key" };

/**
 * A server that speaks as much S3 as the spool needs, path-style: PUT (with a Content-Length, and bytes that have the
 * signed hash), GET, HEAD, DELETE, ListObjectsV2 in pages of two. Requests without a signature of its key are refused.
 */
export async function fakeS3(name = "pictures"): Promise<FakeS3> {
  const bucket = new Bucket(name);
  const server = createServer(
    (request, response) => void bucket.handle(request, response).catch(() => response.destroy()),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get objects() {
      return new Map([...bucket.held].map(([key, { body }]) => [key, body]));
    },
    requests: bucket.requests,
    faults: bucket.faults,
    age(key, changedAt) {
      const object = bucket.held.get(key);
      if (object) object.changedAt = changedAt;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

class Bucket {
  readonly held = new Map<string, Hold>();
  readonly requests: string[] = [];
  readonly faults: S3Fault[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://s3");
    const [, asked = "", ...rest] = url.pathname.split("/");
    const key = decodeURIComponent(rest.join("/"));
    const body = await bodyOf(request);
    this.requests.push(`${request.method} ${key || `?${url.searchParams.get("prefix") ?? ""}`}`);
    const fault = this.faults.find(
      (one) => one.times > 0 && (one.method ?? request.method) === request.method && key.includes(one.key ?? ""),
    );
    if (fault) fault.times -= 1;
    if (fault?.fault === "hang") return;
    if (typeof fault?.fault === "number") return refuse(response, fault.fault, "InternalError");
    const wrong = unsigned(request, body);
    if (wrong) return refuse(response, 403, wrong);
    if (asked !== this.#name) return refuse(response, 404, "NoSuchBucket");
    if (key === "") return this.#list(response, url.searchParams);
    const object = this.held.get(key);
    if (fault?.fault !== "corrupt" || !object) return this.#answer(request, response, key, body);
    this.#give("GET", response, { ...object, body: Buffer.alloc(object.body.length) });
  }

  #answer(request: IncomingMessage, response: ServerResponse, key: string, body: Buffer): void {
    const { method = "", headers } = request;
    if (method === "PUT" && headers["content-length"] === undefined) refuse(response, 411, "MissingContentLength");
    else if (method === "PUT") {
      this.held.set(key, { body, headers: metadataOf(request), changedAt: Date.now() });
      response.writeHead(200, { etag: '"x"' }).end();
    } else if (method === "DELETE") {
      this.held.delete(key);
      response.writeHead(204).end();
    } else if (method === "GET" || method === "HEAD") this.#give(method, response, this.held.get(key));
    else refuse(response, 405, "MethodNotAllowed");
  }

  #give(method: string, response: ServerResponse, object: Hold | undefined): void {
    if (!object) refuse(response, 404, "NoSuchKey");
    else {
      response.writeHead(200, { ...object.headers, "content-length": String(object.body.length) });
      response.end(method === "GET" ? object.body : undefined);
    }
  }

  #list(response: ServerResponse, query: URLSearchParams): void {
    const prefix = query.get("prefix") ?? "";
    const keys = [...this.held.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    const start = keys.findIndex((key) => key > (query.get("continuation-token") ?? ""));
    const page = start < 0 ? [] : keys.slice(start, start + 2);
    const more = start >= 0 && start + 2 < keys.length;
    const contents = page.map((key) => {
      const { body, changedAt } = this.held.get(key) as Hold;
      const changed = new Date(changedAt).toISOString();
      return `<Contents><Key>${key}</Key><Size>${body.length}</Size><LastModified>${changed}</LastModified></Contents>`;
    });
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    const text = `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
    response.writeHead(200, { "content-type": "application/xml" }).end(text);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The code of the refusal, when the request is not signed as version 4 wants it, or its body is another than was signed. */
function unsigned({ headers, method }: IncomingMessage, body: Buffer): string | undefined {
  const signature =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[\w-]+\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=[0-9a-f]{64}$/;
  const [, key, signed = ""] = signature.exec(headers.authorization ?? "") ?? [];
  if (key !== accessKeyId) return "AccessDenied";
  if (!signed.split(";").includes("x-amz-content-sha256") || !headers["x-amz-date"]) return "AccessDenied";
  if (method !== "PUT") return undefined;
  const hash = createHash("sha256").update(body).digest("hex");
  return headers["x-amz-content-sha256"] === hash ? undefined : "XAmzContentSHA256Mismatch";
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("x-amz-meta-") && typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml" }).end(text);
}
