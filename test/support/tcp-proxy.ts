import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A line to a server that can be cut and mended: as a network, or a server that goes away and comes back. */
export interface TcpProxy {
  /** The same URL, over this line. */
  through(url: string): string;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes every connection, and nothing gets through in either direction until the line is mended or cut. */
  silence(): Promise<void>;
  /** Lets through what was held up in silence. */
  mend(): Promise<void>;
  /** Calls `before` with whatever a client sends; when it gives true, the connection breaks after the server got it. */
  breakAfter(before: ((sent: Buffer) => boolean) | undefined): void;
  close(): Promise<void>;
}

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const pipes = new Set<Pipe>();
  let isLast: ((sent: Buffer) => boolean) | undefined;
  let silent = false;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const pipe = createPipe(
      client,
      () => connect(Number(port), hostname),
      (sent) => isLast?.(sent) === true,
    );
    pipes.add(pipe);
    client.once("close", () => pipes.delete(pipe));
    if (!silent) pipe.open();
  });
  const own = await listenOn(server, 0);
  async function cut(): Promise<void> {
    silent = false;
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    for (const pipe of pipes) pipe.break();
    await closed;
  }
  return {
    through: (url) => url.replace(`:${port}/`, `:${own}/`),
    cut,
    async silence() {
      silent = true;
      for (const pipe of pipes) pipe.hold();
      if (!server.listening) await listenOn(server, own);
    },
    async mend() {
      silent = false;
      for (const pipe of pipes) pipe.open();
      if (!server.listening) await listenOn(server, own);
    },
    breakAfter: (before) => {
      isLast = before;
    },
    close: cut,
  };
}

async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** One connection, from a client that waits to the server. */
interface Pipe {
  /** Connects, or goes on. */
  open(): void;
  hold(): void;
  break(): void;
}

function createPipe(client: Socket, dial: () => Socket, isLast: (sent: Buffer) => boolean): Pipe {
  let upstream: Socket | undefined;
  let deaf = false;
  const quit = () => {
    client.destroy();
    upstream?.destroy();
  };
  const watch = (socket: Socket) => socket.on("error", () => undefined).on("close", quit);
  function open(): Socket {
    const opened = watch(dial());
    client.on("data", (sent) => {
      deaf ||= isLast(sent); // the server hears it, and its answer is lost
      opened.write(sent);
    });
    return opened.on("data", (answer) => (deaf ? client.destroy() : client.write(answer)));
  }
  watch(client);
  return {
    open() {
      upstream ??= open();
      for (const socket of [client, upstream]) socket.resume();
    },
    hold() {
      for (const socket of [client, upstream]) socket?.pause();
    },
    break: quit,
  };
}
