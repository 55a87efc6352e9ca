import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Pooled, serverPool } from "./pooler-servers.ts";
import { messages } from "./pooler-wire.ts";

/** PgBouncer as far as its rules matter: it speaks the real protocol, before a real server. */
export interface Pooler {
  /** The same database, through it. */
  readonly url: string;
  /** Names of start parameters that it refused. */
  readonly refused: string[];
  close(): Promise<void>;
}

/** PgBouncer refuses any other parameter at the start of a session, unless it is told to ignore it. */
const known = new Set(["user", "database", "client_encoding", "datestyle", "timezone", "standard_conforming_strings"]);
known.add("application_name").add("extra_float_digits");

/** Gives each session a server connection of its own, or each transaction whichever is free. */
export async function openPooler(serverUrl: string, mode: "session" | "transaction"): Promise<Pooler> {
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const pool = serverPool(serverUrl);
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => undefined);
    serveClient(client, { mode, pool, refused }).catch(() => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = new URL(serverUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    refused,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await pool.close();
    },
  };
}

interface Serving {
  readonly mode: "session" | "transaction";
  readonly pool: ReturnType<typeof serverPool>;
  readonly refused: string[];
}

async function serveClient(client: Socket, { mode, pool, refused }: Serving): Promise<void> {
  const parameters = startParameters(await firstMessage(client));
  const stranger = Object.keys(parameters).find((name) => !known.has(name.toLowerCase()));
  if (stranger !== undefined) {
    refused.push(stranger);
    client.end(fatal(`unsupported startup parameter: ${stranger}`));
    return;
  }
  client.write(welcome);
  if (mode === "session") await serveSession(client, pool);
  else serveTransactions(client, pool);
}

async function serveSession(client: Socket, pool: Serving["pool"]): Promise<void> {
  const server = await pool.take((bytes) => client.write(bytes));
  client.on("data", (bytes) => server.write(bytes));
  client.on("close", () => void server.reset());
  client.resume();
}

/** A server connection is the client's while it waits for answers or is in a transaction. */
function serveTransactions(client: Socket, pool: Serving["pool"]): void {
  let mine: Pooled | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const read = messages();
  let waiting = 0;
  async function forward(sent: Buffer, asks: number): Promise<void> {
    waiting += asks;
    mine ??= await pool.take((bytes, ready) => {
      client.write(bytes);
      waiting -= ready.length;
      if (waiting > 0 || ready.at(-1) !== "I") return;
      mine?.giveBack();
      mine = undefined;
    });
    mine.write(sent);
  }
  client.on("data", (bytes: Buffer) => {
    for (const { type, raw } of read(bytes)) {
      if (type === "X") return client.end();
      turn = turn.then(() => forward(raw, type === "Q" || type === "S" ? 1 : 0));
    }
  });
  client.on("close", () => void turn.then(() => mine?.reset()));
  client.resume();
}

async function firstMessage(client: Socket): Promise<Buffer> {
  const [bytes] = (await once(client, "data")) as [Buffer];
  client.pause();
  return bytes;
}

/** Length, version, then name and value by turns, each ended by a zero. */
function startParameters(message: Buffer): Record<string, string> {
  const words = message.subarray(8).toString().split("\0");
  const pairs: Record<string, string> = {};
  for (let i = 0; i + 1 < words.length && words[i]; i += 2) pairs[words[i] ?? ""] = words[i + 1] ?? "";
  return pairs;
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const fatal = (words: string) => message("E", Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${words}\0\0`));

/** Authenticated, a key for cancelling, ready. */
const welcome = Buffer.concat([
  message("R", Buffer.alloc(4)),
  message("S", Buffer.from("server_version\x0018.4\0")),
  message("K", Buffer.alloc(8)),
  message("Z", Buffer.from("I")),
]);
