import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller, VisitPage } from "../../../../src/contract/usecases.ts";
import { createVisitPages } from "../../../../src/platforms/web/visits/visits.ts";
import { createServer, type HttpServer } from "../../../../src/server/server.ts";
import { textFor } from "../../../../src/text/text.ts";
import { openRoom, type TestBot } from "../../../support/test-bot.ts";

const publicUrl = "https://atelier.test/";
const origin = "https://atelier.test";

/** A browser as far as these pages see it: the cookie and the token of one page. */
export interface OpenedPage {
  /** `/visit/s/…/` */
  readonly path: string;
  /** `name=value` */
  readonly cookie: string;
  readonly csrf: string;
  readonly setCookie: string;
}

/** Members' pages over a real socket, with the real use cases behind them. */
export interface VisitStage {
  readonly house: TestBot;
  /** The path of a link that a member asked for. */
  link(page: VisitPage, caller?: Caller): Promise<string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, init?: RequestInit): Promise<Response>;
  /** Follows a link as a browser does. */
  open(page: VisitPage, caller?: Caller): Promise<OpenedPage>;
  /** Asks as the page does. */
  ask(page: OpenedPage, path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export async function startVisits(): Promise<VisitStage> {
  const house = await openRoom({ pages: `${publicUrl}visit/` });
  await house.work();
  const uploads = mkdtempSync(join(tmpdir(), "atelier-visits-"));
  const { server, url } = await serve(house, uploads);
  const get: VisitStage["get"] = (path, headers = {}) => fetch(`${url}${path}`, { headers, redirect: "manual" });
  const post: VisitStage["post"] = (path, init = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      method: "POST",
      redirect: "manual",
      headers: { Origin: origin, ...init.headers },
    });
  const link: VisitStage["link"] = async (page, caller = house.caller()) =>
    new URL(await house.usecases.visits.offer(page, caller)).pathname;
  return {
    ...{ house, link, get, post },
    async open(page, caller) {
      const opened = await post(await link(page, caller));
      const setCookie = opened.headers.get("Set-Cookie") ?? "";
      const [cookie = ""] = setCookie.split(";");
      const path = opened.headers.get("Location") ?? "";
      const html = await (await get(path, { Cookie: cookie })).text();
      return { path, cookie, setCookie, csrf: /name="csrf" content="([^"]+)"/.exec(html)?.[1] ?? "" };
    },
    ask(page, path, init = {}) {
      const given = init.headers as Readonly<Record<string, string>> | undefined;
      const headers = { Cookie: page.cookie, "X-CSRF-Token": page.csrf, ...given };
      return init.body === undefined ? get(page.path + path, headers) : post(page.path + path, { ...init, headers });
    },
    async close() {
      await server.stop();
      await house.close();
      rmSync(uploads, { recursive: true });
    },
  };
}

async function serve(
  { usecases, world, log, context }: TestBot,
  uploads: string,
): Promise<{ server: HttpServer; url: string }> {
  const fit: typeof context.images.fit = (image, limit) => context.images.fit(image, limit);
  const { router, maxBodyBytes } = createVisitPages({ publicUrl, uploads }, { usecases, world, log, fit });
  const server = createServer({
    ...{ host: "127.0.0.1", port: 0, log, world, ready: async () => ({}) },
    mounts: [{ path: "/visit", handler: router, maxBodyBytes }],
    metrics: { contentType: "text/plain", text: async () => "" },
    sentences: (locale) => textFor(locale).server,
    timeouts: { headersMs: 10_000, requestMs: 60_000, checkMs: 5000, stopMs: 0 },
  });
  return { server, url: `http://127.0.0.1:${await server.start()}` };
}

/** A form as the page sends it, under a key of its own. */
export function formOf(
  values: Readonly<Record<string, string | File>>,
  key: string = crypto.randomUUID(),
): RequestInit {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  return { body, headers: { "Idempotency-Key": key } };
}

export function jsonOf(value: object, key: string = crypto.randomUUID()): RequestInit {
  return { body: JSON.stringify(value), headers: { "Content-Type": "application/json", "Idempotency-Key": key } };
}
