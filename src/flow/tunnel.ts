import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { type Proxies, proxyFor } from "./proxies.ts";

const patienceMs = 10_000;

/** Wraps a connector: where a proxy stands on the way, its connections go through a tunnel (CONNECT). */
export function throughProxies(
  connect: buildConnector.connector,
  proxies: Proxies | undefined,
): buildConnector.connector {
  if (!proxies) return connect;
  return (options, callback) => {
    const { protocol, hostname, port } = options;
    const proxy = proxyFor({ protocol, hostname, port: port ?? "" }, proxies);
    if (proxy === undefined) return connect(options, callback);
    openTunnel(new URL(proxy), `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`).then(
      (socket) =>
        protocol === "https:" ? connect({ ...options, httpSocket: socket }, callback) : callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

/** Rejects with one sentence, which holds no password. */
function openTunnel(proxy: URL, target: string): Promise<Socket> {
  const request = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  const { username, password } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = { host: target, ...(username ? { "proxy-authorization": `Basic ${login}` } : {}) };
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new Error(`the proxy at ${proxy.host} ${why}`, cause === undefined ? {} : { cause }));
    const asking = request({
      host: proxy.hostname,
      port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: target,
      headers,
      timeout: patienceMs,
      agent: false,
    });
    asking.on("connect", ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      fail(`opens no way to ${target} (HTTP ${statusCode})`);
    });
    asking.on("response", ({ statusCode }) => {
      asking.destroy();
      fail(`opens no way to ${target} (HTTP ${statusCode})`);
    });
    asking.on("timeout", () => asking.destroy(new Error("no answer")));
    asking.on("error", (cause) => fail("cannot be reached", cause));
    asking.end();
  });
}
