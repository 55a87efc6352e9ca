import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { fileServer, redirecting, serving } from "../file-server.ts";
import { downloader, failureOf } from "./fetching.ts";

test("fetches from a trusted origin, and from no other port of the same host", async () => {
  const bytes = Buffer.from("image bytes");
  const trusted = await fileServer(serving(bytes));
  const other = await fileServer(serving(bytes));
  const download = downloader([trusted.origin]);
  expect((await download(`${trusted.origin}/a.png?x=1`)).equals(bytes)).toBe(true);
  expect((await failureOf(download(`${other.origin}/a.png`))).fault).toBe("blocked");
  expect(other.connections()).toBe(0);
});

test("takes no credentials out of a URL, not even to a trusted origin", async () => {
  const server = await fileServer(serving(Buffer.from("image")));
  const download = downloader([server.origin]);
  for (const credentials of ["user", "user:pass", ":pass"]) {
    const url = server.origin.replace("//", `//${credentials}@`);
    expect((await failureOf(download(url))).fault).toBe("blocked");
  }
  expect(server.connections()).toBe(0);
});

test("trusts nothing whose origin is opaque, even when such an origin was configured", async () => {
  const download = downloader(["foo://127.0.0.1:9"]);
  expect((await failureOf(download("data:image/png;base64,iVBORw0KGgo="))).fault).toBe("blocked");
});

test("follows two redirects, relative ones too, and no third", async () => {
  const next: Record<string, string> = { "/3": "/2", "/2": "/1", "/1": "/0" };
  const server = await fileServer((request, response) => {
    const location = next[request.url ?? ""];
    if (location) response.writeHead(307, { location }).end();
    else response.end("arrived");
  });
  const download = downloader([server.origin]);
  expect(String(await download(`${server.origin}/2`))).toBe("arrived");
  expect((await failureOf(download(`${server.origin}/3`))).fault).toBe("blocked");
  expect(server.requests.map(({ url }) => url)).toEqual(["/2", "/1", "/0", "/3", "/2", "/1"]);
});

test("refuses a redirect to nowhere", async () => {
  const server = await fileServer((_request, response) => response.writeHead(302).end());
  expect((await failureOf(downloader([server.origin])(server.origin))).fault).toBe("blocked");
});

test("shows the authorization to the URL's own origin only, and not again after a detour", async () => {
  const home = await fileServer((request, response) => {
    if (request.url === "/start") response.writeHead(302, { location: "/moved" }).end();
    else if (request.url === "/moved") response.writeHead(302, { location: abroad.origin }).end();
    else response.end("home");
  });
  const abroad = await fileServer(serving(Buffer.from("abroad")));
  const download = downloader([home.origin, abroad.origin]);
  await download(`${home.origin}/start`, { authorization: "Bearer xoxb-secret" });
  expect(home.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer xoxb-secret",
    "Bearer xoxb-secret",
  ]);
  expect(abroad.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  const detour = await fileServer(redirecting(() => `${home.origin}/end`));
  const again = downloader([home.origin, detour.origin]);
  await again(detour.origin, { authorization: "Bearer xoxb-secret" });
  expect(detour.requests[0]?.headers.authorization).toBe("Bearer xoxb-secret");
  expect(home.requests.at(-1)?.headers.authorization).toBeUndefined();
});

test.each([
  ["another host of the same site", "b.slack.test", "http://slack.test", true],
  ["the site itself", "slack.test", "http://slack.test:PORT", true],
  ["a host deep below it", "x.y.slack.test", "http://slack.test", true],
  ["another site", "b.evil.test", "http://slack.test", false],
  ["a site whose name ends alike", "notslack.test", "http://slack.test", false],
  ["a host that only begins like it", "slack.test.evil.test", "http://slack.test", false],
  ["the same site by another protocol", "b.slack.test", "https://slack.test", false],
])("takes the authorization along to %s as it may", async (_where, host, authorizedFor, goesAlong) => {
  const server = await fileServer((request, response) => {
    const location = `http://${host}:${server.port}/end`;
    if (request.url === "/start") response.writeHead(302, { location }).end();
    else response.end("the file");
  });
  const start = `http://a.slack.test:${server.port}`;
  const download = downloader([start, `http://${host}:${server.port}`]);
  await download(`${start}/start`, {
    authorization: "Bearer xoxb-secret",
    authorizedFor: authorizedFor.replace("PORT", String(server.port)),
  });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer xoxb-secret",
    goesAlong ? "Bearer xoxb-secret" : undefined,
  ]);
});

test("refuses a web page in the place of an image: Slack's login page is a 200", async () => {
  for (const type of ["text/html", "text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml"]) {
    const server = await fileServer(serving(Buffer.from("<html>Sign in</html>"), type));
    const failure = await failureOf(downloader([server.origin])(server.origin));
    expect([failure.fault, failure.retryable]).toEqual(["not-an-image", false]);
  }
});

test("says which answers are worth another try", async () => {
  const server = await fileServer((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { "content-type": "text/html" }).end(status === 204 ? undefined : "<h1>no</h1>");
  });
  const download = downloader([server.origin]);
  const expected = {
    204: false,
    206: false,
    400: false,
    401: false,
    403: false,
    404: false,
    408: true,
    410: false,
    429: true,
    500: true,
    502: true,
    503: true,
  };
  for (const [status, retryable] of Object.entries(expected)) {
    expect(await failureOf(download(`${server.origin}/${status}`))).toMatchObject({
      fault: "status",
      status: Number(status),
      retryable,
    });
  }
});

test("stops reading at the limit, though the server would go on for ever", async () => {
  let closed: () => void = () => undefined;
  const hungUp = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = await fileServer((_request, response) => {
    const more = () => {
      while (response.writable && response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", more).on("close", closed);
    more();
  });
  const failure = await failureOf(downloader([server.origin])(server.origin, { maxBytes: 300_000 }));
  expect([failure.fault, failure.retryable]).toEqual(["too-large", false]);
  await hungUp;
});

test("takes a file of exactly the limit", async () => {
  const server = await fileServer(serving(Buffer.alloc(300_000)));
  expect(await downloader([server.origin])(server.origin, { maxBytes: 300_000 })).toHaveLength(300_000);
});

test("gives up at the deadline, whether headers or the body are missing", async () => {
  const silent = await fileServer(() => undefined);
  const stuck = await fileServer((_request, response) => response.writeHead(200).write("begin"));
  const download = downloader([silent.origin, stuck.origin]);
  for (const { origin } of [silent, stuck]) {
    const failure = await failureOf(download(origin, { timeoutMs: 100 }));
    expect([failure.fault, failure.retryable]).toEqual(["timeout", true]);
  }
});

test("stops when the caller gives up", async () => {
  const caller = new AbortController();
  const server = await fileServer((_request, response) => {
    response.writeHead(200).write("begin");
    caller.abort();
  });
  const failure = await failureOf(downloader([server.origin])(server.origin, { signal: caller.signal }));
  expect([failure.fault, failure.retryable]).toEqual(["aborted", false]);
});

test("does not pass off half a file as a whole one", async () => {
  const cutOff = await fileServer((_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half", () => response.socket?.destroy());
  });
  const chunked = await fileServer((_request, response) => {
    response.write("half", () => response.socket?.destroy());
  });
  const download = downloader([cutOff.origin, chunked.origin]);
  for (const { origin } of [cutOff, chunked]) {
    const failure = await failureOf(download(origin));
    expect([failure.fault, failure.retryable]).toEqual(["unreachable", true]);
  }
});

test("calls a host that nobody answers at unreachable", async () => {
  const gone = downloader(["http://127.0.0.1:9"]);
  expect(await failureOf(gone("http://127.0.0.1:9/a.png"))).toMatchObject({ fault: "unreachable", retryable: true });
  const unknown: LookupFunction = (_hostname, _options, callback) => callback(new Error("ENOTFOUND"), []);
  expect(await failureOf(downloader([], unknown)("https://nowhere.test/"))).toMatchObject({ fault: "unreachable" });
});

test("keeps what is secret in a URL out of its errors", async () => {
  const server = await fileServer((_request, response) => response.writeHead(403).end());
  const failure = await failureOf(downloader([server.origin])(`${server.origin}/?sig=SECRET`));
  expect(`${failure.message} ${failure.stack}`).not.toContain("SECRET");
});
