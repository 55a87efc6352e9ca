import { createHmac, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { Visit, VisitUseCases } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { World } from "../../../world.ts";
import { readCookie } from "../cookies.ts";
import { Problem } from "../problem.ts";

const cookieName = (address: URL) => (address.protocol === "https:" ? "__Secure-atelier-visit" : "atelier-visit");

/** The page of a visit, below the address of all of them; the cookie of its session goes nowhere else. */
export function pathOf(address: URL, { id }: Pick<Visit, "id">): string {
  return `${address.pathname}s/${id}/`;
}

const secretBytes = 32;

/** A secret that stands for a member from now on. */
export function newSession(world: Pick<World, "secret">): string {
  return world.secret(secretBytes);
}

/** Gives the browser the secret that stands for the member, on this one page. */
export function giveSession(
  res: Response,
  address: URL,
  visit: Visit,
  { session, now }: { session: string; now: number },
) {
  res.cookie(cookieName(address), session, {
    ...{ httpOnly: true, sameSite: "strict", secure: address.protocol === "https:" },
    ...{ path: pathOf(address, visit), maxAge: visit.until - now },
  });
}

/** Lets in whoever opened the link of this visit; what changes something needs the page's own token, too. */
export function requireSession(address: URL, visits: Pick<VisitUseCases, "find">): RequestHandler<{ visit: string }> {
  return async (req, res, next) => {
    if (!/^[\w-]{1,64}$/.test(req.params.visit)) throw new Refusal("visit-over", {});
    const session = readCookie(req, cookieName(address));
    const visit = await visits.find(req.params.visit, session);
    const csrf = csrfOf(session ?? "");
    const safe = req.method === "GET" || req.method === "HEAD";
    if (!safe && !isSame(req.get("X-CSRF-Token") ?? "", csrf)) throw new Problem(403, "stale");
    res.locals.visit = visit;
    res.locals.csrf = csrf;
    next();
  };
}

/** The visit of this request. */
export function visitOf(res: Response): Visit {
  return res.locals.visit as Visit;
}

/** The token of its page. */
export function tokenOf(res: Response): string {
  return String(res.locals.csrf);
}

/** The member as the caller of one event; the same press never does a thing twice. */
export function callerOf(res: Response, event: string): Visit["caller"] {
  const { id, caller } = visitOf(res);
  return { ...caller, inbound: `visit:${id}:${event}` };
}

function csrfOf(session: string): string {
  return createHmac("sha256", session).update("token of the page").digest("base64url");
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** True when a program asks, not somebody who looks at a page. */
export function asksForData(req: Request): boolean {
  return req.path.includes("/api/") || req.path.includes("/image");
}
