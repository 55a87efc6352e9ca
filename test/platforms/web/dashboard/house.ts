import path from "node:path";
import { commands } from "../../../../commands/index.ts";
import type { LedgerFinding } from "../../../../src/platforms/platform.ts";
import { createWeb, type WebOptions } from "../../../../src/platforms/web/web.ts";
import { createServer } from "../../../../src/server/server.ts";
import { textFor } from "../../../../src/text/text.ts";
import type { Cache, World } from "../../../../src/world.ts";
import { openRoom, type RoomOptions, type TestBot } from "../../../support/test-bot.ts";

export const password = "correct horse";

/** The dashboard over a real socket, with real use cases, a real store and a scripted service behind it. */
export interface House extends TestBot {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The contradictions that the ledger has next. */
  readonly findings: LedgerFinding[];
}

export async function openHouse(options: Partial<WebOptions> = {}, room: RoomOptions = {}): Promise<House> {
  const bot = await openRoom(room);
  const findings: LedgerFinding[] = [];
  const { world, log, usecases } = bot;
  const web = createWeb(
    { loopback: true, uploads: path.join(bot.folder, "uploads"), password, ...options },
    {
      commands,
      usecases,
      world,
      log,
      cache: forgetful(world),
      seal: { seal: (plain) => plain, open: (sealed) => sealed },
      observer: { acknowledged: () => undefined },
      fit: async (image) => ({ path: image.file, format: image.format, bytes: image.bytes, changed: false }),
      audit: async () => findings,
    },
  );
  const metrics = { contentType: "text/plain", text: async () => "" };
  const sentences = (locale: string) => textFor(locale).server;
  const mounts = [{ path: "/", handler: web.router, maxBodyBytes: web.maxBodyBytes }];
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    mounts,
    metrics,
    sentences,
    log,
    world,
    ready: async () => ({}),
  });
  await web.start();
  const port = await server.start();
  return {
    ...bot,
    url: `http://127.0.0.1:${port}`,
    findings,
    async close() {
      await web.stop();
      await server.stop();
      await bot.close();
    },
  };
}

/** A browser that has signed in, without the browser. */
export interface Operator {
  readonly cookie: string;
  readonly csrf: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The JSON of `/api/dashboard/…`. */
  read<Answer>(path: string): Promise<Answer>;
  /** A action, under a key of its own unless one is given. */
  act(name: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

let presses = 0;

export async function signIn({ url }: Pick<House, "url">): Promise<Operator> {
  const body = new URLSearchParams({ password });
  const headers = { Origin: url };
  const login = await fetch(`${url}/login?to=dashboard`, { method: "POST", body, redirect: "manual", headers });
  const cookie = (login.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
  const get = (path: string, more = {}) =>
    fetch(`${url}${path}`, { redirect: "manual", headers: { Cookie: cookie, ...more } });
  const page = await (await get("/dashboard")).text();
  const csrf = /<meta name="csrf" content="([^"]+)"/.exec(page)?.[1] ?? "";
  return {
    cookie,
    csrf,
    get,
    async read<Answer>(path: string) {
      const answer = await get(`/api/dashboard/${path}`);
      if (answer.status !== 200) throw new Error(`expected an answer, got ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Answer;
    },
    act: (name, given, more = {}) =>
      fetch(`${url}/api/dashboard/actions/${name}`, {
        method: "POST",
        headers: {
          Origin: url,
          Cookie: cookie,
          "X-CSRF-Token": csrf,
          "Content-Type": "application/json",
          "Idempotency-Key": `press-${presses++}-of-test`,
          ...more,
        },
        body: JSON.stringify(given),
      }),
  };
}

/** A cache that forgets in time, by the clock of the test. */
function forgetful(world: World): Cache {
  const notes = new Map<string, { value: unknown; until: number }>();
  return {
    async get<Value>(key: string) {
      const note = notes.get(key);
      return note && note.until > world.now() ? (note.value as Value) : undefined;
    },
    set: async (key, value, ttlMs) => void notes.set(key, { value, until: world.now() + ttlMs }),
    delete: async (key) => void notes.delete(key),
  };
}
