import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import type { World } from "../../world.ts";
import { readCookie } from "./cookies.ts";
import { type Addresses, isHttps } from "./guard.ts";

const idleMs = 12 * 60 * 60 * 1000;
const longestMs = 7 * 24 * 60 * 60 * 1000;
const mostSessions = 1000;

/** Knows who has given the password: random ids in a cookie, remembered by this process until 12 idle hours or 7 days are over. */
export interface Sessions {
  /** The session of this request, which goes on by it unless the page asks by itself; undefined: there is none. */
  find(req: Request): Session | undefined;
  /** Always under a new id. */
  open(req: Request, res: Response): void;
  /** The password was given once more in this session. */
  prove(session: Session): void;
  close(req: Request, res: Response): void;
}

export interface Session {
  /** Whoever wants to change something sends it along: other sites cannot read it. */
  readonly csrf: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** The password was given last then. */
  readonly provenAt: number;
}

interface Kept extends Session {
  provenAt: number;
  until: number;
}

interface SessionOptions {
  readonly addresses: Addresses;
  readonly world: World;
}

const cookieNames = { https: "__Host-atelier", http: "atelier" } as const;

/** The right password alone makes an entry here, so that no flood can make it forget one. */
export function createSessions({ addresses, world }: SessionOptions): Sessions {
  const kept = new Map<string, Kept>();
  const keyOf = (id: string) => createHash("sha256").update(id).digest("hex");
  // a proxy that does not pass Host on shows the https address by Origin only, which links do not send
  const idsOf = (req: Request) => Object.values(cookieNames).flatMap((name) => readCookie(req, name) ?? []);
  const forget = (req: Request) => {
    for (const id of idsOf(req)) kept.delete(keyOf(id));
  };
  const makeRoom = () => {
    for (const [key, { until }] of kept) if (until <= world.now() || kept.size >= mostSessions) kept.delete(key);
  };
  return {
    find(req) {
      const session = idsOf(req).flatMap((id) => kept.get(keyOf(id)) ?? [])[0];
      if (session === undefined || session.until <= world.now()) return undefined;
      if (!asksByItself(req)) session.until = world.now() + idleMs;
      session.until = Math.min(session.until, session.openedAt + longestMs);
      return session;
    },
    open(req, res) {
      forget(req);
      makeRoom();
      const id = world.secret(32);
      const now = world.now();
      kept.set(keyOf(id), { csrf: world.secret(32), openedAt: now, provenAt: now, until: now + idleMs });
      const { name, options } = cookieFor(req, addresses);
      res.cookie(name, id, { ...options, maxAge: longestMs });
    },
    prove(session) {
      (session as Kept).provenAt = world.now();
    },
    close(req, res) {
      forget(req);
      const { name, options } = cookieFor(req, addresses);
      res.clearCookie(name, options);
    },
  };
}

function cookieFor(req: Request, addresses: Addresses) {
  const secure = isHttps(req, addresses);
  const options = { httpOnly: true, sameSite: "strict", secure, path: "/" } as const;
  return { name: secure ? cookieNames.https : cookieNames.http, options };
}

/** A page that is left open looks for news, which is no use of the session. */
function asksByItself(req: Request): boolean {
  return req.get("X-Background") !== undefined;
}
