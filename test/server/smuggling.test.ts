import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { type Request, Router } from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createServer, type HttpServer } from "../../src/server/server.ts";
import { textFor } from "../../src/text/text.ts";
import { testLog, testWorld } from "../support/world.ts";

/** Two programs that read one stream of bytes as different requests: a proxy in front must not be led past its own rules. */
let server: HttpServer;
let port: number;
let seen: string[];

beforeEach(async () => {
  seen = [];
  const note = Router().use((req: Request, res) => {
    seen.push(`${req.method} ${req.originalUrl}`);
    req.resume().on("end", () => res.send("ok"));
  });
  server = createServer({
    ...{ host: "127.0.0.1", port: 0, mounts: [{ path: "/", handler: note }], log: testLog(), world: testWorld() },
    metrics: { contentType: "text/plain", text: async () => "" },
    sentences: (locale) => textFor(locale).server,
    ready: async () => ({}),
    timeouts: { headersMs: 50, requestMs: 100, checkMs: 5, stopMs: 100 },
  });
  port = await server.start();
});
afterEach(() => server.stop());

/** All that the server answers until it hangs up. */
function raw(...lines: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(lines.join("\r\n"));
  return readText(socket);
}

const hidden = ["GET /hidden HTTP/1.1", "Host: x", "Connection: close", "", ""];

test.each<[string, readonly string[]]>([
  ["a length and a transfer coding", ["Content-Length: 5", "Transfer-Encoding: chunked", "", "0", "", ...hidden]],
  ["two lengths", ["Content-Length: 0", "Content-Length: 50", "", ...hidden]],
  ["a list of lengths", ["Content-Length: 0, 50", "", ...hidden]],
  ["a signed length", ["Content-Length: +5", "", ...hidden]],
  ["a length of letters", ["Content-Length: 0x10", "", ...hidden]],
  ["a coding that is misspelt", ["Transfer-Encoding: xchunked", "", ...hidden]],
  ["a coding before another", ["Transfer-Encoding: chunked, identity", "", ...hidden]],
  ["a blank before the colon", ["Content-Length : 50", "", ...hidden]],
  ["a line that is folded", ["X-A: b", " Content-Length: 50", "Transfer-Encoding: chunked", "", ...hidden]],
])("%s: the request is refused, and nothing behind it is heard", async (_, rest) => {
  const answer = await raw("POST /front HTTP/1.1", "Host: x", ...rest);
  expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
  expect(answer.match(/^HTTP\/1.1 /gm)).toHaveLength(1);
  expect(seen).toEqual([]);
});

test("two requests in a row are two, for everybody", async () => {
  const answer = await raw("POST /front HTTP/1.1", "Host: x", "Content-Length: 4", "", `body${hidden.join("\r\n")}`);
  expect(seen).toEqual(["POST /front", "GET /hidden"]);
  expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2);
});
