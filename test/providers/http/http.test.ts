import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connectTo, type ServiceConnection } from "../../../src/providers/http/http.ts";
import { failureOf, testCall } from "../call.ts";

const key = "th-secret-key-1";
const opened: { server: Server; sockets: Set<Socket> }[] = [];
const connections: ServiceConnection[] = [];

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  opened.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function connection(baseUrl: string, timeoutMs = 60_000): ServiceConnection {
  connections.push(connectTo({ name: "tokenhub", apiKey: key, baseUrl, timeoutMs }));
  return connections.at(-1) as ServiceConnection;
}

const post = (to: ServiceConnection, call = testCall()) => to.post("/images", { json: { prompt: "a fox" } }, call);

afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  for (const each of connections.splice(0)) await each.close();
});

describe("connectTo", () => {
  it("knows that nothing was sent when nobody listens, even after beforeSend", async () => {
    const port = await listen(createServer());
    await new Promise((resolve) => opened.splice(0)[0]?.server.close(resolve));
    const call = testCall();
    const error = await failureOf(post(connection(`http://127.0.0.1:${port}`), call));
    expect(error.outcome).toBe("not-sent");
    expect(call.beforeSends).toBe(1);
  });

  it("knows that nothing was sent when the other side speaks no TLS", async () => {
    const port = await listen(createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect((await failureOf(post(connection(`https://127.0.0.1:${port}`)))).outcome).toBe("not-sent");
  });

  it("knows that nothing was sent when the connection is cut during the TLS handshake, but not when it is cut later", async () => {
    const port = await listen(createServer((socket) => socket.once("data", () => socket.destroy())));
    expect((await failureOf(post(connection(`https://127.0.0.1:${port}`)))).outcome).toBe("not-sent");
    expect((await failureOf(post(connection(`http://127.0.0.1:${port}`)))).outcome).toBe("unknown");
  });

  it("takes an answer that is no HTTP as unknown", async () => {
    const port = await listen(createServer((socket) => socket.once("data", () => socket.end("SSH-2.0-x\r\n"))));
    expect((await failureOf(post(connection(`http://127.0.0.1:${port}`)))).outcome).toBe("unknown");
  });

  it("takes an answer that ends early as unknown where nothing tells its length", async () => {
    const answer = 'HTTP/1.1 200 OK\r\n\r\n{"data":[';
    const port = await listen(createServer((socket) => socket.once("data", () => socket.end(answer))));
    const received = await post(connection(`http://127.0.0.1:${port}`));
    expect(Buffer.concat(await Array.fromAsync(received.body)).toString()).toBe('{"data":[');
    expect(received.headers).toEqual({});
  });

  it("sends the key as a bearer token, once, and closes the connection", async () => {
    const seen: object[] = [];
    const server = createHttpServer((request, response) => {
      seen.push({ method: request.method, url: request.url, ...request.headers });
      response.end("{}");
    });
    const port = await listen(server);
    await Array.fromAsync((await post(connection(`http://127.0.0.1:${port}/api/v1`))).body);
    expect(seen).toMatchObject([
      {
        method: "POST",
        url: "/api/v1/images",
        authorization: `Bearer ${key}`,
        connection: "close",
        "content-length": "18",
      },
    ]);
  });

  it("keeps its key out of every error of the transport", async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    const error = await failureOf(post(connection(`http://127.0.0.1:${port}`)));
    expect(`${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(key);
  });

  it("reads no more of a long error than it needs", async () => {
    let sent = 0;
    const server = createHttpServer((_request, response) => {
      response.writeHead(500, { "content-type": "application/json" });
      const more = () => {
        while (!response.destroyed) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, 32))) return void response.once("drain", more);
        }
      };
      more();
    });
    const port = await listen(server);
    expect((await failureOf(post(connection(`http://127.0.0.1:${port}`)))).outcome).toBe("unknown");
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  describe("a free proof of address and key", () => {
    const answering = async (status: number, type: string, body: string) =>
      listen(
        createHttpServer((_request, response) => void response.writeHead(status, { "content-type": type }).end(body)),
      );
    const prove = (port: number, isDocumented = false) =>
      connection(`http://127.0.0.1:${port}`).prove("/models", isDocumented);

    it.each([
      ["a list", 200, "application/json", '{"data":[]}', true],
      ["no such list, where none is documented", 404, "application/json", '{"error":{}}', false],
      ["a page that says so, where none is documented", 404, "text/html", "<h1>404</h1>", false],
      ["another method, where none is documented", 405, "text/plain", "no", false],
    ])("is content with %s", async (_what, status, type, body, isDocumented) => {
      await prove(await answering(status, type, body), isDocumented);
    });

    it.each([
      ["a wrong key", 401, "application/json", "{}", "does not accept the API key (HTTP 401)"],
      ["a key without rights", 403, "text/html", "no", "does not accept the API key (HTTP 403)"],
      ["a web page", 200, "text/html", "<h1>Welcome</h1>", "a web page stands where the API should be"],
      ["something else", 200, "text/plain", "hello", "HTTP 200 stands where the API should be"],
      ["trouble", 503, "text/html", "no", "the service has trouble (HTTP 503)"],
    ])("says in one sentence that there is %s", async (_what, status, type, body, sentence) => {
      const failure = await failureOf(prove(await answering(status, type, body)));
      expect(failure.message).toContain(sentence);
      expect(failure.message).not.toContain("secret");
    });

    it("misses a list that is documented", async () => {
      const port = await answering(404, "application/json", "{}");
      expect((await failureOf(prove(port, true))).message).toContain("look at the base URL");
    });

    it("finds a service unreachable that nobody runs", async () => {
      const port = await listen(createServer((socket) => socket.destroy()));
      expect((await failureOf(prove(port))).outcome).toBe("not-sent");
    });
  });

  it("knows that a request which cannot be built was not sent", async () => {
    const port = await listen(createHttpServer((_request, response) => void response.end("{}")));
    const broken = connectTo({ name: "test", apiKey: "sk-…", baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 1000 });
    expect((await failureOf(broken.post("/images", { json: {} }, testCall()))).outcome).toBe("not-sent");
    await broken.close();
  });

  describe("opens a free GET", () => {
    const open = (port: number, signal = new AbortController().signal) =>
      connection(`http://127.0.0.1:${port}/api/v1`).open("/tasks?id=1", signal);

    it("whose answer may be of any size, and is read as it comes", async () => {
      const seen: object[] = [];
      const server = createHttpServer((request, response) => {
        seen.push({ method: request.method, url: request.url, authorization: request.headers.authorization });
        response.writeHead(200, { "x-request-id": "req-1" }).end(Buffer.alloc(1_000_000, 32));
      });
      const answer = await open(await listen(server));
      expect(answer).toMatchObject({ status: 200, reference: "req-1" });
      expect(Buffer.concat(await Array.fromAsync(answer.body)).length).toBe(1_000_000);
      expect(seen).toEqual([{ method: "GET", url: "/api/v1/tasks?id=1", authorization: `Bearer ${key}` }]);
    });

    it("which no answer, a refusal and a cut answer end with what each means", async () => {
      const answers = ["", "HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n"];
      answers.push("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{");
      const port = await listen(createServer((socket) => socket.once("data", () => socket.end(answers.shift() ?? ""))));
      expect((await failureOf(open(port))).outcome).toBe("not-sent");
      expect(await failureOf(open(port))).toMatchObject({ outcome: "refused", refusedFor: "rate", retryAfterMs: 7000 });
      const cut = await open(port);
      expect((await failureOf(Array.fromAsync(cut.body))).outcome).toBe("unknown");
    });

    it("until the signal aborts", async () => {
      const giveUp = new AbortController();
      const port = await listen(createHttpServer(() => giveUp.abort()));
      expect((await failureOf(open(port, giveUp.signal))).outcome).toBe("not-sent");
    });
  });
});
