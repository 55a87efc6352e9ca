import type { IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface FileServer {
  readonly origin: string;
  readonly port: number;
  /** Every connection, whether or not anything was asked over it. */
  connections(): number;
  readonly requests: IncomingMessage[];
}

/** A real HTTP server on 127.0.0.1 that records who came; it goes when the test ends. */
export async function fileServer(answer: RequestListener): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, connections: () => connections, requests };
}

/** Answers every path with a redirect to what `where` says. */
export function redirecting(where: (path: string) => string): RequestListener {
  return (request, response) => response.writeHead(302, { location: where(request.url ?? "") }).end();
}

/** Answers every path with this image. */
export function serving(bytes: Uint8Array, type = "image/png"): RequestListener {
  return (_request, response) => response.writeHead(200, { "content-type": type }).end(bytes);
}
