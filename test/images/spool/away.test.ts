import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../test-images.ts";

test("a process with nothing else to do waits for a storage that does not answer, and goes on", async () => {
  const program = `
    const { createUploads } = await import("./src/images/spool/uploads.ts");
    const patience = { waitMs: 50, firstPauseMs: 1, longestPauseMs: 1 };
    const store = { put: () => new Promise(() => {}) };
    const uploads = createUploads(process.argv[1], store, { error() {} }, patience);
    void uploads.send("results/a1-0", { sha256: "x", bytes: 1 });
    await uploads.sent(["results/a1-0"]);
    console.log("went on");
  `;
  const args = ["--input-type=module", "-e", program, await temporaryDirectory()];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 15_000 });
  expect({ stdout, status }).toEqual({ stdout: "went on\n", status: 0 });
});
