import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands } from "../../../commands/index.ts";
import type { FileLimit } from "../../../src/image.ts";
import { createWeb, type Web, type WebOptions } from "../../../src/platforms/web/web.ts";
import { createServer, type ServerOptions } from "../../../src/server/server.ts";
import { textFor } from "../../../src/text/text.ts";
import type { Cache, World } from "../../../src/world.ts";
import { FakeUseCases } from "../../support/fake-usecases.ts";
import { type TestLog, testLog, testWorld } from "../../support/world.ts";

export interface Playground {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly web: Web;
  readonly usecases: FakeUseCases;
  readonly log: TestLog;
  readonly uploads: string;
  /** The limits that images were fitted to. */
  readonly fitted: FileLimit[];
  /** The times that the observer was told, in milliseconds. */
  readonly acknowledged: number[];
  close(): Promise<void>;
}

/** The whole playground over a real socket, with a fake bot behind it. */
export async function startPlayground(
  options: Partial<WebOptions> = {},
  world: World = testWorld(),
  serverOptions: Partial<ServerOptions> = {},
): Promise<Playground> {
  const usecases = await FakeUseCases.create();
  const uploads = join(await mkdtemp(join(tmpdir(), "atelier-web-")), "uploads");
  const log = testLog();
  const acknowledged: number[] = [];
  const fitted: FileLimit[] = [];
  const web = createWeb(
    { loopback: true, uploads, ...options },
    {
      commands,
      usecases,
      world,
      log,
      cache: memoryCache(world),
      seal: { seal: (plain) => plain, open: (sealed) => sealed },
      observer: { acknowledged: ({ ms }) => void acknowledged.push(ms) },
      fit: async (image, limit) => {
        fitted.push(limit);
        return image.format === "gif" ? still : { ...image, path: usecases.pathOf(image), changed: false };
      },
    },
  );
  const metrics = { contentType: "text/plain", text: async () => "" };
  const sentences = (locale: string) => textFor(locale).server;
  const mounts = [{ path: "/", handler: web.router, maxBodyBytes: web.maxBodyBytes }];
  const rest = { host: "127.0.0.1", port: 0, mounts, metrics, sentences, log, world, ready: async () => ({}) };
  const server = createServer({ ...rest, ...serverOptions });
  await web.start();
  const port = await server.start();
  return {
    url: `http://127.0.0.1:${port}`,
    web,
    usecases,
    log,
    uploads,
    acknowledged,
    fitted,
    async close() {
      await web.stop();
      await server.stop();
      await usecases.close();
      await rm(join(uploads, ".."), { recursive: true });
    },
  };
}

/** An animation as one frame of nothing. */
const still = { path: "/dev/null", format: "jpeg", bytes: 0, changed: true, firstFrame: true } as const;

function memoryCache(world: World): Cache {
  const entries = new Map<string, { value: unknown; until: number }>();
  return {
    async get<Value>(key: string) {
      const entry = entries.get(key);
      return entry && entry.until > world.now() ? (entry.value as Value) : undefined;
    },
    async set(key, value, ttlMs) {
      entries.set(key, { value, until: world.now() + ttlMs });
    },
    async delete(key) {
      entries.delete(key);
    },
  };
}
