import { isIP } from "node:net";
import type { Request, RequestHandler } from "express";
import { Problem } from "./problem.ts";

/** Where the playground may be reached. */
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
    const origins = originsAt(req.headers.host ?? "", addresses);
    if (!isOwnRequest(req, origins)) throw new Problem(403, "foreign");
    next();
  };
}

/** The origins that a page at this Host may have; none when the Host is foreign. */
function originsAt(host: string, { loopback, publicUrl }: Addresses): readonly string[] {
  if (publicUrl && host.toLowerCase() === publicUrl.host) return [publicUrl.origin];
  const name = host.toLowerCase().replace(/:\d{1,5}$/, "");
  const known = loopbackNames.includes(name) || (!loopback && isAddress(name));
  return known && (loopback || !publicUrl) ? [`http://${host}`, `https://${host}`] : [];
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
  return publicUrl?.protocol === "https:" && req.headers.host?.toLowerCase() === publicUrl.host;
}
