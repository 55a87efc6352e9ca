import type { Socket } from "node:net";
import type { RequestHandler, Response } from "express";

/** The answers under way, so that a stopping server can end those that never end by themselves. */
export interface OpenResponses {
  /** To be told of each connection. */
  accept(socket: Socket): void;
  readonly track: RequestHandler;
  /** Ends event streams and quiet connections now, every other connection as soon as its answer is finished. */
  end(): void;
}

export function createOpenResponses(): OpenResponses {
  const sockets = new Set<Socket>();
  const open = new Set<Response>();
  let ending = false;
  return {
    accept(socket) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    },
    track(_req, res, next) {
      open.add(res);
      res.once("close", () => open.delete(res));
      if (ending) hangUpAfter(res);
      next();
    },
    end() {
      ending = true;
      const busy = new Set([...open].map(({ req }) => req.socket));
      for (const res of open) endSoon(res);
      // not left to Node: it counts a connection that has not asked anything yet, as browsers keep them ready, as busy
      for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
    },
  };
}

function endSoon(res: Response): void {
  hangUpAfter(res);
  if (String(res.getHeader("Content-Type")).startsWith("text/event-stream")) res.end();
}

/** Without this a kept-alive socket would hold the server open for another minute. */
function hangUpAfter(res: Response): void {
  res.shouldKeepAlive = false;
  res.once("close", () => res.req.socket.destroySoon());
}
