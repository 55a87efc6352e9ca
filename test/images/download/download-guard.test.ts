import { connect } from "node:net";
import { expect, test } from "vitest";
import { guardedConnector } from "../../../src/images/download/agents.ts";
import { PrivateAddress, publicLookup } from "../../../src/images/download/public-address.ts";
import { fileServer, redirecting, serving } from "../file-server.ts";
import { downloader, failureOf, resolver } from "./fetching.ts";

/** PORT is the canary's: it listens on this machine, where nobody from outside may lead us. */
const inside = [
  "https://127.0.0.1:PORT/",
  "https://127.1:PORT/",
  "https://127.0.0.1.:PORT/",
  "https://2130706433:PORT/",
  "https://0x7f.1:PORT/",
  "https://0x7f000001:PORT/",
  "https://0177.0.0.1:PORT/",
  "https://017700000001:PORT/",
  "https://①②⑦.0.0.1:PORT/",
  "https://127。0。0。1:PORT/",
  "https://%31%32%37.0.0.1:PORT/",
  "https://0:PORT/",
  "https://0.0.0.0:PORT/",
  "https://[::1]:PORT/",
  "https://[::]:PORT/",
  "https://[::ffff:127.0.0.1]:PORT/",
  "https://[::ffff:7f00:1]:PORT/",
  "https://[::127.0.0.1]:PORT/",
  "https://[::ffff:0:127.0.0.1]:PORT/",
  "https://[64:ff9b::127.0.0.1]:PORT/",
  "https://[64:ff9b:1::127.0.0.1]:PORT/",
  "https://[2002:7f00:1::]:PORT/",
  "https://[2001:0:7f00:1::1]:PORT/",
  "https://[fe80::1]:PORT/",
  "https://[fc00::1]:PORT/",
  "https://[fd12:3456::1]:PORT/",
  "https://[ff02::1]:PORT/",
  "https://10.0.0.1:PORT/",
  "https://172.16.5.4:PORT/",
  "https://192.168.0.1:PORT/",
  "https://100.64.0.1:PORT/",
  "https://169.254.169.254:PORT/latest/meta-data/",
  "https://192.0.0.8:PORT/",
  "https://198.18.0.1:PORT/",
  "https://224.0.0.1:PORT/",
  "https://255.255.255.255:PORT/",
  "https://localhost:PORT/",
  "https://localhost.:PORT/",
  "https://metadata.google.internal:PORT/",
  "https://rebind.test:PORT/",
  "https://cdn.discordapp.com.rebind.test:PORT/",
  "https://user@127.0.0.1:PORT/",
  "https://cdn.discordapp.com:pass@127.0.0.1:PORT/",
  "https://cdn.discordapp.com@rebind.test:PORT/",
  "http://127.0.0.1:PORT/",
  "http://rebind.test:PORT/",
  "http://cdn.discordapp.com:PORT/",
  "HTTP://LOCALHOST:PORT/",
  "//127.0.0.1:PORT/",
  "ftp://127.0.0.1:PORT/",
  "gopher://127.0.0.1:PORT/",
  "file:///etc/passwd",
  "data:image/png;base64,iVBORw0KGgo=",
  "blob:https://127.0.0.1:PORT/1",
  "javascript:alert(1)",
  "/etc/passwd",
  "https://",
  "",
];

test("connects to nothing inside, however the address is written", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  const download = downloader(["http://127.0.0.1:1"]);
  for (const url of inside) {
    const failure = await failureOf(download(url.replace("PORT", String(canary.port))));
    expect.soft([failure.fault, failure.retryable], url).toEqual(["blocked", false]);
  }
  expect(canary.connections()).toBe(0);
});

test("connects to nothing inside, though a redirect leads there", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  const inHeaders = inside.filter((url) => /^[a-z]+:[ -~]+$/i.test(url));
  const targets = inHeaders.map((url) => url.replace("PORT", String(canary.port)));
  const lure = await fileServer(redirecting((path) => targets[Number(path.slice(1))] ?? ""));
  const download = downloader([lure.origin]);
  for (const [at, url] of targets.entries()) {
    expect.soft((await failureOf(download(`${lure.origin}/${at}`))).fault, url).toBe("blocked");
  }
  expect(lure.requests).toHaveLength(targets.length);
  expect(canary.connections()).toBe(0);
});

test("refuses a name when any of its addresses is private, and one without addresses", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  for (const answer of [["93.184.216.34", "127.0.0.1"], ["2606:4700::1111", "::1"], ["::ffff:10.0.0.1"], []]) {
    const download = downloader([], resolver(answer).lookup);
    expect((await failureOf(download(`https://rebind.test:${canary.port}/`))).fault).toBe("blocked");
  }
  expect(canary.connections()).toBe(0);
});

test("asks for a name once per connection, so that no second answer can differ from the checked one", async () => {
  const { lookup, asked } = resolver(["127.0.0.1"], ["93.184.216.34"]);
  expect((await failureOf(downloader([], lookup)("https://rebind.test:9/"))).fault).toBe("blocked");
  expect(asked).toEqual(["rebind.test"]);
});

test("judges each hop anew when a name changes its address between them", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  const { lookup, asked } = resolver(["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1"]);
  const lure = await fileServer(redirecting(() => `https://rebind.test:${canary.port}/`));
  const download = downloader([`http://rebind.test:${lure.port}`], lookup);
  expect((await failureOf(download(`http://rebind.test:${lure.port}/`))).fault).toBe("blocked");
  expect([lure.requests.length, asked.length, canary.connections()]).toEqual([1, 2, 0]);
});

test("hands on the very addresses that it checked", async () => {
  const found = [
    { address: "93.184.216.34", family: 4 },
    { address: "2606:4700::1111", family: 6 },
  ];
  const { lookup } = resolver(found.map(({ address }) => address));
  const all = await new Promise((resolve) => publicLookup(lookup)("a.test", { all: true }, (...got) => resolve(got)));
  expect(all).toEqual([null, found]);
  const one = await new Promise((resolve) => publicLookup(lookup)("a.test", {}, (...got) => resolve(got)));
  expect(one).toEqual([null, "93.184.216.34", 4]);
});

test("hangs up before a byte is sent when a connection has reached a private address all the same", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  const tricked = guardedConnector((_options, callback) => {
    const socket = connect(canary.port, "127.0.0.1");
    socket.once("connect", () => callback(null, socket));
  });
  const [error, socket] = await new Promise<unknown[]>((resolve) =>
    tricked({ hostname: "rebind.test", protocol: "https:", port: "443" }, (...got) => resolve(got)),
  );
  expect(error).toBeInstanceOf(PrivateAddress);
  expect(socket).toBeNull();
  expect(canary.requests).toEqual([]);
});
