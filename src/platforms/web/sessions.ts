import { createHmac } from "node:crypto";
import type { Request, Response } from "express";
import type { Cache, World } from "../../world.ts";
import { readCookie } from "./cookies.ts";
import { type Addresses, isHttps } from "./guard.ts";

const idleMs = 12 * 60 * 60 * 1000;
const longestMs = 7 * 24 * 60 * 60 * 1000;

/** Who has given the password: random ids in a cookie, remembered in the cache until 12 idle hours or 7 days are over. */
export interface Sessions {
  /** The session of this request, which goes on by it unless the page asks by itself; undefined: there is none. */
  find(req: Request): Promise<Session | undefined>;
  /** Always under a new id. */
  open(req: Request, res: Response): Promise<void>;
  close(req: Request, res: Response): Promise<void>;
}

export interface Session {
  /** Whoever wants to change something sends it along: other sites cannot read it. */
  readonly csrf: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

export interface SessionOptions {
  readonly password: string;
  readonly addresses: Addresses;
  readonly cache: Cache;
  readonly world: World;
}

export function createSessions({ password, addresses, cache, world }: SessionOptions): Sessions {
  // The cache learns no id that could be used, and a new password closes every session.
  const keyOf = (id: string) => `web:session:${createHmac("sha256", password).update(id).digest("hex")}`;
  const cookie = (req: Request) => {
    const secure = isHttps(req, addresses);
    const options = { httpOnly: true, sameSite: "strict", secure, path: "/" } as const;
    return { name: secure ? "__Host-atelier" : "atelier", options };
  };
  const idOf = (req: Request) => readCookie(req, cookie(req).name);
  return {
    async find(req) {
      const id = idOf(req);
      const session = id === undefined ? undefined : await cache.get<Session>(keyOf(id));
      if (id === undefined || session === undefined) return undefined;
      const leftMs = Math.min(idleMs, session.openedAt + longestMs - world.now());
      if (leftMs <= 0) return undefined;
      if (!asksByItself(req)) await cache.set(keyOf(id), session, leftMs);
      return session;
    },
    async open(req, res) {
      const old = idOf(req);
      if (old !== undefined) await cache.delete(keyOf(old));
      const id = world.secret(32);
      const session: Session = { csrf: world.secret(32), openedAt: world.now() };
      await cache.set(keyOf(id), session, idleMs);
      const { name, options } = cookie(req);
      res.cookie(name, id, { ...options, maxAge: longestMs });
    },
    async close(req, res) {
      const id = idOf(req);
      if (id !== undefined) await cache.delete(keyOf(id));
      const { name, options } = cookie(req);
      res.clearCookie(name, options);
    },
  };
}

/** A page that is left open looks for news, which is no use of the session. */
function asksByItself(req: Request): boolean {
  return req.get("X-Background") !== undefined;
}
