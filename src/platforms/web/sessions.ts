import { createHmac } from "node:crypto";
import type { Request, Response } from "express";
import type { Cache, World } from "../../world.ts";
import { readCookie } from "./cookies.ts";
import { type Addresses, isHttps } from "./guard.ts";

const lifetimeMs = 12 * 60 * 60 * 1000;

/** Who has given the password: random ids in a cookie, remembered in the cache. */
export interface Sessions {
  isOpen(req: Request): Promise<boolean>;
  /** Always under a new id. */
  open(req: Request, res: Response): Promise<void>;
  close(req: Request, res: Response): Promise<void>;
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
    async isOpen(req) {
      const id = idOf(req);
      return id !== undefined && (await cache.get<boolean>(keyOf(id))) === true;
    },
    async open(req, res) {
      const old = idOf(req);
      if (old !== undefined) await cache.delete(keyOf(old));
      const id = world.secret(32);
      await cache.set(keyOf(id), true, lifetimeMs);
      const { name, options } = cookie(req);
      res.cookie(name, id, { ...options, maxAge: lifetimeMs });
    },
    async close(req, res) {
      const id = idOf(req);
      if (id !== undefined) await cache.delete(keyOf(id));
      const { name, options } = cookie(req);
      res.clearCookie(name, options);
    },
  };
}
