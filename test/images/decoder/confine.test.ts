import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findTools, type Tools } from "../../../src/images/decoder/confine.ts";
import { startDecoder } from "../../../src/images/decoder/decoder.ts";
import { photo } from "../samples.ts";
import { temporaryDirectory } from "../test-images.ts";

const program = fileURLToPath(new URL("./probe.ts", import.meta.url));
const found = await findTools();

/** Tries what a program in the place of the decoder can do, with a server that listens and a secret that is a readable image. */
async function triesToGetOut(tools: Tools) {
  const secret = join(await temporaryDirectory(), "secret.png");
  await writeFile(secret, await photo().png().toBuffer());
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const decoder = startDecoder({ maxMemoryBytes: 1_500_000_000, tools, program });
  onTestFinished(() => decoder.end());
  const task = { work: "mask", kind: secret as "png", first: { width: port, height: 1 }, maxBytes: 1 } as const;
  const answer = await decoder.work(task, { from: secret, to: `${secret}.out` }, 20_000);
  const tried = JSON.parse("failed" in answer ? answer.failed : "{}") as Record<string, string>;
  return { ...tried, connections };
}

test("Node's permissions keep JavaScript from files, on any system", async () => {
  expect(await triesToGetOut({})).toMatchObject({ read: "ERR_ACCESS_DENIED" });
});

test.runIf(found.prlimit)("with prlimit, machine code can open neither a file nor a connection", async () => {
  const tried = await triesToGetOut({ prlimit: found.prlimit });
  expect(tried).toMatchObject({ read: "ERR_ACCESS_DENIED", network: "EMFILE", connections: 0 });
  expect(tried).not.toHaveProperty("library", "read");
});

test.runIf(found.unshare)("in a namespace of its own, it has no network from its start", async () => {
  const tried = await triesToGetOut({ unshare: found.unshare });
  expect(tried).toMatchObject({ connections: 0 });
  expect(tried).not.toHaveProperty("network", "connected");
});
