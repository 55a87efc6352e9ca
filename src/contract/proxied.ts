import type { IncomingHttpHeaders } from "node:http";

/** The headers by which proxies, tunnels and networks that deliver pages say that they pass a request on. */
const written = [
  /^(forwarded|via|cdn-loop|x-real-ip|true-client-ip|x-client-ip|x-cluster-client-ip|x-remote-(ip|addr|user))$/,
  /^(x-forwarded|x-original|x-envoy|x-amzn|x-amz-cf|x-azure|x-appengine|x-vercel|x-nf|x-arr|x-ms-original|x-goog)(-|$)/,
  /^(cf|fly|fastly|tailscale|ngrok|akamai|x-akamai|x-ngrok|x-proxyuser|x-cloud-trace|incap|x-sucuri|x-webauth)-/,
];

/** True when somebody between the client and this process says so in a header: the peer's address is not the client's. */
export function isProxied(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => written.some((shape) => shape.test(name)));
}
