import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to a server that can be cut and mended: as a network, or a server that goes away and comes back. */
export interface TcpProxy {
  /** The same URL, over this line. */
  through(url: string): string;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Calls `before` with whatever a client sends; when it gives true, the connection breaks after the server got it. */
  breakAfter(before: ((sent: Buffer) => boolean) | undefined): void;
  close(): Promise<void>;
}

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isLast: ((sent: Buffer) => boolean) | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let deaf = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (sent) => {
      if (isLast?.(sent)) deaf = true; // the server hears it, and its answer is lost
      upstream.write(sent);
    });
    upstream.on("data", (answer) => (deaf ? client.destroy() : client.write(answer)));
  });
  const listen = async (on: number) => {
    server.listen(on, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  async function cut(): Promise<void> {
    const closed = server.listening ? once(server, "close") : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  return {
    through: (url) => url.replace(`:${port}/`, `:${address.port}/`),
    cut,
    mend: () => listen(address.port),
    breakAfter: (before) => {
      isLast = before;
    },
    close: cut,
  };
}
