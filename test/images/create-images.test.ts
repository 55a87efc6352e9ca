import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DownloadError } from "../../src/images/download/download-error.ts";
import { fileServer, redirecting, serving } from "./file-server.ts";
import { photo, pixels } from "./samples.ts";
import { openTestImages, refusalOf } from "./test-images.ts";

const first = { file: "x", sha256: "x", format: "png", bytes: 1, width: 60, height: 40 } as const;

test("takes an attachment from the place that it is attached at", async () => {
  const server = await fileServer(serving(await photo().jpeg().toBuffer(), "image/jpeg"));
  const { images } = await openTestImages({ trustedOrigins: [server.origin] });
  const source = { url: `${server.origin}/cat.jpg`, authorization: "Bearer xoxb-1" };
  expect(await images.take({ filename: "cat.jpg", source })).toMatchObject({ format: "jpeg", width: 120, height: 80 });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer xoxb-1"]);
});

test("takes a mask from there too", async () => {
  const mask = await pixels(60, 40, (x) => [0, 0, 0, x < 30 ? 0 : 255])
    .png()
    .toBuffer();
  const server = await fileServer(serving(mask));
  const { images } = await openTestImages({ trustedOrigins: [server.origin] });
  const source = { url: `${server.origin}/mask.png` };
  expect(await images.takeMask({ filename: "mask.png", source }, first)).toMatchObject({ width: 60, height: 40 });
});

test("says so when an attachment cannot be fetched, and logs why without what is secret in its address", async () => {
  const server = await fileServer((request, response) => {
    if (request.url === "/login") response.writeHead(200, { "content-type": "text/html" }).end("<html>");
    else if (request.url === "/inside") response.writeHead(302, { location: "https://169.254.169.254/" }).end();
    else response.writeHead(404).end();
  });
  const { images, log, directory } = await openTestImages({ trustedOrigins: [server.origin] });
  const urls = ["/login", "/inside", "/gone?sig=SECRET"].map((path) => server.origin + path);
  for (const url of [...urls, "https://127.0.0.1/", "not a url"]) {
    const source = { url, authorization: "Bearer SECRET" };
    expect(await refusalOf(images.take({ filename: "cat.png", source }))).toEqual({
      code: "image-unreachable",
      facts: { filename: "cat.png" },
    });
  }
  expect(log.lines.map(({ facts }) => facts)).toMatchObject([
    { fault: "not-an-image" },
    { fault: "blocked" },
    { fault: "status", status: 404 },
    { fault: "blocked" },
    { fault: "blocked" },
  ]);
  expect(JSON.stringify(log.lines)).not.toContain("SECRET");
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("says that an attachment is too large, not that it is unreachable", async () => {
  const server = await fileServer(serving(Buffer.alloc(2_000_001)));
  const { images } = await openTestImages({ trustedOrigins: [server.origin], maxInputBytes: 2_000_000 });
  expect(await refusalOf(images.take({ filename: "cat.png", source: { url: server.origin } }))).toEqual({
    code: "image-too-large",
    facts: { filename: "cat.png", limitMegabytes: 2 },
  });
});

test("gives up on an attachment that takes too long", async () => {
  const server = await fileServer(() => undefined);
  const { images } = await openTestImages({ trustedOrigins: [server.origin], timeouts: { inputMs: 100 } });
  const asked = images.take({ filename: "cat.png", source: { url: server.origin } });
  expect((await refusalOf(asked)).code).toBe("image-unreachable");
});

test("downloads a result into a sink, without credentials, and leaves the commit to the caller", async () => {
  const bytes = await photo(300, 200).png().toBuffer();
  const server = await fileServer(serving(bytes));
  const { images } = await openTestImages({ trustedOrigins: [server.origin] });
  const sink = await images.openResult("a1", 0);
  await images.download(`${server.origin}/result.png`, sink, new AbortController().signal);
  expect((await images.received("a1")).images).toEqual([]);
  await sink.commit();
  expect((await readFile(images.pathOf({ file: "results/a1-0" }))).equals(bytes)).toBe(true);
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
});

test("never downloads a result from inside, whatever a service answers", async () => {
  const canary = await fileServer(serving(Buffer.from("secret")));
  const service = await fileServer(redirecting(() => "https://169.254.169.254/latest/meta-data/"));
  const { images } = await openTestImages({ trustedOrigins: [service.origin] });
  for (const url of [service.origin, canary.origin, `https://127.0.0.1:${canary.port}/`]) {
    const sink = await images.openResult("a1", 0);
    const failure = await images.download(url, sink, new AbortController().signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DownloadError);
    expect(failure).toMatchObject({ fault: "blocked", retryable: false });
    await sink.discard();
  }
  expect(canary.connections()).toBe(0);
});

test("passes on what goes wrong with the sink as it is", async () => {
  const server = await fileServer(serving(Buffer.from("image")));
  const { images } = await openTestImages({ trustedOrigins: [server.origin] });
  const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  const sink = { write: () => Promise.reject(full), commit: () => Promise.resolve(), discard: () => Promise.resolve() };
  await expect(images.download(server.origin, sink, new AbortController().signal)).rejects.toBe(full);
});

test("starts without loading sharp, and does not keep the process alive", async () => {
  const { directory } = await openTestImages();
  const program = `
    const { createImages } = await import("./src/images/create-images.ts");
    createImages({ directory: process.argv[1], trustedOrigins: [], log: {} });
    const libraries = process.report.getReport().sharedObjects;
    console.log(libraries.some((path) => path.includes("libvips")));
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program, directory], {
    encoding: "utf8",
    timeout: 15_000,
  });
  expect({ stdout, status }).toEqual({ stdout: "false\n", status: 0 });
});
