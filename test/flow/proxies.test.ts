import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Server as TcpServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { proxiesOf } from "../../src/config/proxies.ts";
import { proxyFor } from "../../src/flow/proxies.ts";
import { createDownloader } from "../../src/images/download/download.ts";
import { connectTo } from "../../src/providers/http/http.ts";
import { failureOf as downloadFailure, resolver } from "../images/download/fetching.ts";
import { failureOf, testCall } from "../providers/call.ts";

const servers: (Server | TcpServer)[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy that opens tunnels, wherever they are said to lead, to one port of this machine. */
async function proxyTo(port: number, status = 200) {
  const tunnels: { target: string | undefined; login: string | undefined }[] = [];
  const server = createServer();
  server.on("connect", (request, client) => {
    tunnels.push({ target: request.url, login: request.headers["proxy-authorization"] });
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
  });
  return { port: await listen(server), tunnels };
}

const service = () =>
  createServer((_request, response) => void response.setHeader("connection", "close").end('{"data":[]}'));

function connectionBy(proxy: number, login = "") {
  const proxies = { http: `http://${login}127.0.0.1:${proxy}`, except: [] };
  return connectTo({ name: "relay", apiKey: "key", baseUrl: "http://relay.example/v1", timeoutMs: 5000, proxies });
}

test("a service is reached through the proxy, which alone needs to know its name", async () => {
  const proxy = await proxyTo(await listen(service()));
  const connection = connectionBy(proxy.port, "ada:p%40ss@");
  expect(await connection.get("/models")).toEqual({ data: [] });
  const login = `Basic ${Buffer.from("ada:p@ss").toString("base64")}`;
  expect(proxy.tunnels).toEqual([{ target: "relay.example:80", login }]);
  await connection.close();
});

test.each([
  ["is away", async () => 1],
  ["refuses", async () => (await proxyTo(1, 403)).port],
  ["cannot reach it", async () => (await proxyTo(1, 502)).port],
])("a call was not sent when the proxy %s, and no password is told", async (_what, portOf) => {
  const connection = connectionBy(await portOf(), "ada:p4ssword@");
  const failure = await failureOf(connection.post("/images", { json: {} }, testCall()));
  expect(failure.outcome).toBe("not-sent");
  expect(JSON.stringify([failure.message, String(failure.cause), failure.stack])).not.toContain("p4ssword");
  await connection.close();
});

test("a download goes through the proxy; private addresses are refused before it is asked", async () => {
  const proxy = await proxyTo(await listen(service()));
  const proxies = { http: `http://127.0.0.1:${proxy.port}`, https: `http://127.0.0.1:${proxy.port}`, except: [] };
  const { lookup } = resolver(["10.0.0.7"]);
  const options = { trustedOrigins: ["http://files.example"], connectTimeoutMs: 2000, lookup, proxies };
  const download = createDownloader(options);
  const fetched = async (url: string) => Array.fromAsync(download(url, { maxBytes: 1000, timeoutMs: 5000 }));
  expect(Buffer.concat(await fetched("http://files.example/1.png")).toString()).toBe('{"data":[]}');
  for (const url of ["https://10.0.0.7/1.png", "https://[fd00::1]/1.png", "https://intranet.example/1.png"]) {
    expect((await downloadFailure(fetched(url))).fault).toBe("blocked");
  }
  expect(proxy.tunnels.map(({ target }) => target)).toEqual(["files.example:80"]);
});

test.each([
  ["https://api.example/", [], true],
  ["https://api.example/", ["example"], false],
  ["https://api.example/", [".api.example"], false],
  ["https://api.example/", ["pi.example"], true],
  ["https://api.example:8443/", ["api.example:8443"], false],
  ["https://api.example/", ["api.example:8443"], true],
  ["https://api.example/", ["*"], false],
  ["https://127.0.0.1/", [], false],
  ["https://localhost:9000/", [], false],
])("%s with NO_PROXY %j goes through the proxy: %s", (url, except, isProxied) => {
  expect(proxyFor(new URL(url), { https: "http://proxy:1", except }) !== undefined).toBe(isProxied);
});

test("proxies are read as other programs read them, and wrong ones are named without their value", () => {
  expect(proxiesOf({}).proxies).toBeUndefined();
  expect(proxiesOf({ https_proxy: "proxy.example:3128", NO_PROXY: "a.example, b.example" }).proxies).toEqual({
    https: "http://proxy.example:3128/",
    http: undefined,
    except: ["a.example", "b.example"],
  });
  expect(proxiesOf({ ALL_PROXY: "http://p:1" }).proxies).toMatchObject({ http: "http://p:1/", https: "http://p:1/" });
  expect(proxiesOf({ HTTPS_PROXY: "socks5://ada:p4ss@proxy:1080" }).problems).toEqual([
    "HTTPS_PROXY must be the address of an http proxy, such as http://proxy.example:3128.",
  ]);
});
