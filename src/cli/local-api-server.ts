import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Refusal } from "../errors.ts";
import type { Log, World } from "../world.ts";
import type { LocalApi } from "./local-api.ts";
import { closeToOthers, prepareSocket, removeSocket } from "./local-socket.ts";

/** One line of an answer; several for what changes while it is watched, and `end` as the last. */
export type LocalApiLine =
  | { readonly value: unknown }
  | { readonly refusal: { readonly code: string; readonly facts: object } }
  | { readonly bug: string }
  | { readonly end: true };

export interface LocalApiServer {
  stop(): Promise<void>;
}

interface LocalApiOptions {
  readonly api: LocalApi;
  readonly dataDir: string;
  readonly world: World;
  readonly log: Log;
}

const maxQuestionBytes = 1_000_000;

/** Lets programs of the same user ask the bot by a socket in `dataDir`: the embedded database is open in one process only. */
export async function startLocalApiServer({ api, dataDir, world, log }: LocalApiOptions): Promise<LocalApiServer> {
  const server = createServer((req, res) => void answer(req, res));
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const gone = new AbortController();
    res.on("close", () => gone.abort());
    const tell = (line: LocalApiLine) => void res.write(`${JSON.stringify(line)}\n`);
    try {
      const { method, args } = JSON.parse(await read(req)) as { method: keyof LocalApi; args: never };
      for await (const value of answers(api, method, args, gone.signal)) tell({ value });
    } catch (error) {
      tell(failure(error, world, log));
    }
    tell({ end: true });
    res.end();
  }
  const socket = await prepareSocket(dataDir);
  server.listen(socket);
  await once(server, "listening");
  await closeToOthers(socket);
  return {
    async stop() {
      await removeSocket(dataDir);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The one switch: nothing but these can be asked. */
async function* answers(api: LocalApi, method: keyof LocalApi, args: never, gone: AbortSignal): AsyncIterable<unknown> {
  switch (method) {
    case "watch":
      return yield* api.watch(args[0], gone);
    case "quote":
    case "imagine":
    case "cancel":
    case "imagePath":
    case "grant":
    case "usage":
      return yield await (api[method] as (...given: unknown[]) => Promise<unknown>)(...(args as unknown[]));
    default:
      throw new Error(`nobody can ask for ${JSON.stringify(method satisfies never)}`);
  }
}

function failure(error: unknown, world: World, log: Log): LocalApiLine {
  if (error instanceof Refusal) return { refusal: { code: error.code, facts: error.facts } };
  const bug = world.id();
  log.error({ err: error, reference: bug }, "a question from a terminal failed");
  return { bug };
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxQuestionBytes) throw new Error("a question from a terminal is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
