/** Proxies between this machine and the world, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY name them. */
export interface Proxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts that are reached directly: `relay.example` with all below it, `relay.example:8443`, or `*`. */
  readonly except: readonly string[];
}

interface Target {
  /** `https:` */
  readonly protocol: string;
  readonly hostname: string;
  /** Empty for the protocol's own. */
  readonly port: string;
}

/** Finds the proxy on the way to a host; undefined where it is reached directly, as this machine always is. */
export function proxyFor({ protocol, hostname, port }: Target, proxies: Proxies | undefined): string | undefined {
  const proxy = protocol === "https:" ? proxies?.https : proxies?.http;
  if (!proxies || !proxy || isThisMachine(hostname)) return undefined;
  const own = `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`.toLowerCase();
  const isExcepted = proxies.except.some((entry) => matches(own, entry.toLowerCase()));
  return isExcepted ? undefined : proxy;
}

function matches(host: string, entry: string): boolean {
  if (entry === "*") return true;
  const wanted = entry.replace(/^\*?\./, "");
  const found = /:\d+$/.test(wanted) ? host : host.replace(/:\d+$/, "");
  return found === wanted || found.endsWith(`.${wanted}`);
}

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || /^127\./.test(hostname) || hostname === "::1" || hostname === "[::1]";
}
