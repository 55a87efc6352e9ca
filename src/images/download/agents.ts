import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { Agent, buildConnector } from "undici";
import { type Proxies, proxyFor } from "../../flow/proxies.ts";
import { throughProxies } from "../../flow/tunnel.ts";
import { isPublicAddress, PrivateAddress, publicLookup } from "./public-address.ts";

interface AgentOptions {
  readonly timeoutMs: number;
  readonly lookup: LookupFunction;
  readonly proxies: Proxies | undefined;
}

/** Connections to trusted origins (`open`), and to the public internet only (`guarded`). */
export function createAgents({ timeoutMs: timeout, lookup, proxies }: AgentOptions): { open: Agent; guarded: Agent } {
  const settings = { allowH2: false, headersTimeout: 30_000, bodyTimeout: 30_000 };
  const plain = buildConnector({ timeout, lookup, allowH2: false });
  const direct = guardedConnector(buildConnector({ timeout, lookup: publicLookup(lookup), allowH2: false }));
  const tunnelled = checkedNames(throughProxies(plain, proxies), lookup);
  const guarded: buildConnector.connector = (options, callback) => {
    const { protocol, hostname, port } = options;
    const isDirect = proxyFor({ protocol, hostname, port: port ?? "" }, proxies) === undefined;
    (isDirect ? direct : tunnelled)(options, callback);
  };
  return {
    open: new Agent({ ...settings, connect: throughProxies(plain, proxies) }),
    guarded: new Agent({ ...settings, connect: guarded }),
  };
}

/**
 * Wraps a connector that resolves by `publicLookup`: refuses an address in the place of a name (no lookup is ever made
 * for those) before connecting, and any connection that has reached a private address all the same.
 */
export function guardedConnector(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const { hostname } = options;
    if (isIP(hostname) && !isPublicAddress(hostname)) return callback(new PrivateAddress(hostname), null);
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (isPublicAddress(socket.remoteAddress ?? "")) return callback(null, socket);
      socket.destroy();
      callback(new PrivateAddress(hostname), null);
    });
  };
}

/**
 * Wraps a connector through a proxy, which resolves names itself: an address, or a name that this machine knows to lead
 * to a private one, is refused. What only the proxy can resolve is the proxy's to refuse.
 */
function checkedNames(connect: buildConnector.connector, lookup: LookupFunction): buildConnector.connector {
  return (options, callback) => {
    const { hostname } = options;
    if (isIP(hostname)) {
      return isPublicAddress(hostname) ? connect(options, callback) : callback(new PrivateAddress(hostname), null);
    }
    publicLookup(lookup)(hostname, { all: true }, (error) => {
      if (error instanceof PrivateAddress) callback(error, null);
      else connect(options, callback);
    });
  };
}
