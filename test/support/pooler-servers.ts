import type { Socket } from "node:net";
import pg from "pg";
import { messages } from "./pooler-wire.ts";

/** Called with what a server sends, and the transaction states of the ReadyForQuery messages in it. */
type Heard = (bytes: Buffer, ready: readonly string[]) => void;

/** A connection to the server, while a client has it. */
export interface Pooled {
  write(bytes: Buffer): void;
  /** To the next client, as it is. */
  giveBack(): void;
  /** The client is gone: whatever it began is undone by closing the connection. */
  reset(): Promise<void>;
}

/** Connections to a real server; the one that was given back last is taken first, as PgBouncer does. */
export function serverPool(url: string) {
  const free: Server[] = [];
  const all: Server[] = [];
  return {
    async take(heard: Heard): Promise<Pooled> {
      const server = free.pop() ?? (await connectServer(url));
      if (!all.includes(server)) all.push(server);
      server.heard = heard;
      return {
        write: (bytes) => void server.socket.write(bytes),
        giveBack() {
          server.heard = undefined;
          free.push(server);
        },
        reset: () => server.end(),
      };
    },
    close: async () => void (await Promise.all(all.map((server) => server.end()))),
  };
}

interface Server {
  readonly socket: Socket;
  heard: Heard | undefined;
  end(): Promise<void>;
}

/** Signed in by the real driver, which then leaves the socket to the pooler. */
async function connectServer(url: string): Promise<Server> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  const { stream: socket } = (client as unknown as { connection: { stream: Socket } }).connection;
  socket.removeAllListeners("data");
  const read = messages();
  const server: Server = {
    socket,
    heard: undefined,
    async end() {
      server.heard = undefined;
      socket.destroy();
    },
  };
  socket.on("data", (bytes: Buffer) => {
    const whole = read(bytes);
    const ready = whole.filter(({ type }) => type === "Z").map(({ raw }) => String.fromCharCode(raw[5] ?? 0));
    server.heard?.(Buffer.concat(whole.map(({ raw }) => raw)), ready);
  });
  return server;
}
