import { isIP } from "node:net";
import type { Request, RequestHandler } from "express";
import { isProxied } from "../../contract/proxied.ts";
import { Problem } from "./problem.ts";
import { trusted } from "./visitor-address.ts";

/** The addresses by which the playground may be reached. */
export interface Addresses {
  /** The server listens on this machine only: its own names are the ones, at any port. */
  readonly loopback: boolean;
  /** The address that the operator gave out; elsewhere than on loopback it is then the only one. */
  readonly publicUrl?: URL | undefined;
}

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

/** Refuses requests by foreign names (DNS rebinding) and on behalf of other sites (CSRF) with 403. */
export function refuseForeign(addresses: Addresses): RequestHandler {
  return (req, _res, next) => {
    const host = hostOf(req);
    const origins = originsAt(host, addresses);
    if (origins.length === 0 && addresses.publicUrl)
      throw new Problem(403, "otherHost", { host: host.slice(0, 100), address: addresses.publicUrl.origin });
    if (!isOwnRequest(req, origins)) throw new Problem(403, "foreign");
    next();
  };
}

/** This machine alone may come without a password: whoever a proxy lets in is somewhere else. */
export const refuseProxied: RequestHandler = (req, _res, next) => {
  if (isProxied(req.headers)) throw new Problem(403, "proxied");
  next();
};

/** The name that the browser asked for, also where a trusted proxy asks by another one. */
function hostOf(req: Request): string {
  return ((trusted(req) && req.host) || req.headers.host || "").toLowerCase();
}

/** The origins that a page at this Host may have; none when the Host is foreign. */
function originsAt(host: string, { loopback, publicUrl }: Addresses): readonly string[] {
  if (publicUrl && host === publicUrl.host) return [publicUrl.origin];
  const name = host.replace(/:\d{1,5}$/, "");
  const known = loopbackNames.includes(name) || (!loopback && isAddress(name));
  if (!known || (publicUrl && !loopback)) return [];
  // a proxy on this machine that does not pass Host on: browsers say by Origin where they are
  return [`http://${host}`, `https://${host}`, ...(publicUrl ? [publicUrl.origin] : [])];
}

/** A numeric address is asked of no DNS server, so it cannot be rebound. */
function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/** Browsers send Origin with every unsafe request, and Sec-Fetch-* to all but plain-http addresses elsewhere. */
function isOwnRequest(req: Request, origins: readonly string[]): boolean {
  const { origin } = req.headers;
  const site = req.get("Sec-Fetch-Site");
  const safe = req.method === "GET" || req.method === "HEAD";
  const followsLink = safe && req.get("Sec-Fetch-Mode") === "navigate";
  if (origins.length === 0) return false;
  if (origin !== undefined && !origins.includes(origin)) return false;
  if (site !== undefined && site !== "same-origin" && site !== "none" && !followsLink) return false;
  return safe || origin !== undefined || site === "same-origin";
}

/** True when this request came by the operator's https address. */
export function isHttps(req: Request, { publicUrl }: Addresses): boolean {
  if (publicUrl?.protocol !== "https:") return false;
  return hostOf(req) === publicUrl.host || req.headers.origin === publicUrl.origin;
}
