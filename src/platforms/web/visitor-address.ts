import { isIP } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";
import { isProxied } from "../../contract/proxied.ts";

/**
 * The address that stands for one visitor: an IPv6 network of one household (/64) as one. A proxy that is not trusted may
 * say what it likes: its word keeps its visitors apart, and no more. Undefined where the address is that of a proxy which
 * tells nothing (`behindProxy`), and so of everybody.
 */
export function visitorAddress(req: Request, behindProxy: boolean): string | undefined {
  const address = networkOf(req.ip ?? "");
  if (trusted(req)) return address;
  const claimed = claimedAddress(req);
  if (claimed !== undefined) return `${address} for ${claimed}`;
  return behindProxy && (isProxied(req.headers) || !isPublic(req.ip ?? "")) ? undefined : address;
}

/** The peer is one of TRUSTED_PROXIES, so that `req.ip` and `req.host` are what it passes on. */
export function trusted(req: Request): boolean {
  const trust = req.app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  return trust(req.socket.remoteAddress ?? "", 0);
}

/** The last address of the chain is the one that the nearest proxy saw. */
function claimedAddress(req: Request): string | undefined {
  const last = (req.get("X-Forwarded-For") ?? req.get("X-Real-IP") ?? "").split(",").at(-1)?.trim() ?? "";
  return isIP(last) === 0 ? undefined : networkOf(last);
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4" ? parsed.toString() : `${networkBits(parsed)}::/64`;
}

function networkBits(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address.toNormalizedString().split(":").slice(0, 4).join(":");
}

function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}
