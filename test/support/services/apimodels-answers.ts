import type { ServerResponse } from "node:http";
import { plainImage } from "../plain-image.ts";
import type { ModelsViolation } from "./apimodels-rules.ts";
import type { TaskScript } from "./apimodels-tasks.ts";

/** Says what the service does with one paid request; plain data, so that it can be sent to a child process. */
export interface ModelsAnswer {
  /**
   * `documented` (images at once or a task, AM-14, AM-15), `images` or `task` whatever was asked for; images with
   * their bytes only (`b64`), their URL only (`url`), or bad bytes beside the URL (`bad-b64`); or what goes wrong:
   * `error`, `html`, `hang` until released, the connection cut `before-headers` or `mid-body`, `empty` or `null` data,
   * `malformed` JSON.
   */
  readonly kind:
    | "documented"
    | "images"
    | "task"
    | "b64"
    | "url"
    | "bad-b64"
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
  /** For `error`: the JSON body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Images made instead of those asked for. */
  readonly count?: number;
  /** For a task. */
  readonly task?: TaskScript;
}

/** Calls that these answer are not billed (AM-8). */
export const failing: readonly string[] = ["error", "html", "empty", "null"];

/** A call that failed is answered with this. */
export const serverError = { error: { message: "it failed", type: "server_error", code: "server_error" } };

/** The answer to a request that breaks a rule. */
export function refusal({ status, code, message }: ModelsViolation): ModelsAnswer {
  return { kind: "error", status, body: { error: { message, type: "invalid_request_error", code } } };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export function cutInTheMiddle(response: ServerResponse, document: string, headers: object): void {
  const length = Buffer.byteLength(document);
  response.writeHead(200, { "content-type": "application/json", "content-length": length, ...headers });
  response.write(document.slice(0, document.length / 2), () => response.destroy());
}

export function sendPage(response: ServerResponse, status: number, headers: object): void {
  response.writeHead(status, { "content-type": "text/html", ...headers }).end(`<h1>${status}</h1>`);
}

/** PNGs of these pixels, no two alike. */
export function drawImages([width, height]: readonly [number, number], count: number): Promise<Buffer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => plainImage({ width, height }, "png", index)));
}
