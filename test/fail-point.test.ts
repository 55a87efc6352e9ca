import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";
import { crashAt, failPoints } from "../src/fail-point.ts";

const local = ["http://127.0.0.1:8080/api", "http://localhost", "https://[::1]:1/"];
const source = path.resolve("src/fail-point.ts");

/** A process that comes to these points one after the other, and writes the name of each that it has passed. */
function walk(failPoint: string, points: readonly string[]) {
  const program = `
    import { crashAt } from ${JSON.stringify(source)};
    const checkpoint = crashAt(${JSON.stringify(failPoint)}, []);
    for (const point of ${JSON.stringify(points)}) {
      checkpoint(point);
      process.stdout.write(point + "\\n");
    }`;
  return spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
}

async function passed(process: ReturnType<typeof walk>): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

test("a process dies as by kill -9 when it comes to the point for the nth time", async () => {
  const process = walk("posted:2", ["posted", "delivered", "posted", "delivered"]);
  const exit = once(process, "exit");
  expect(await passed(process)).toEqual(["posted", "delivered"]);
  expect(await exit).toEqual([null, "SIGKILL"]);
});

test("reaching any other point, or the same once of twice, changes nothing", async () => {
  const process = walk("posted:2", failPoints);
  const exit = once(process, "exit");
  expect(await passed(process)).toEqual([...failPoints]);
  expect(await exit).toEqual([0, null]);
});

test("a process stands still at a point that says freeze", async () => {
  const frozen = walk("posted:1:freeze", ["accepted", "posted"]);
  const [first] = (await once(frozen.stdout, "data")) as [Buffer];
  expect(first.toString()).toBe("accepted\n");
  const state = () => execFileSync("ps", ["-o", "stat=", "-p", String(frozen.pid)], { encoding: "utf8" });
  await expect.poll(state).toMatch(/^T/);
  frozen.kill("SIGKILL");
  expect(await once(frozen, "exit")).toEqual([null, "SIGKILL"]);
});

test("a process can only be made to crash where all that it speaks to is on this machine", () => {
  expect(() => crashAt("posted", local)).not.toThrow();
  for (const far of [
    "https://tokenhub.store/api/v1",
    "http://127.0.0.1.example.com",
    "https://localhost.example.com",
  ]) {
    expect(() => crashAt("posted", [...local, far])).toThrow(far);
  }
});

test.each(["", "nowhere", "posted:0", "posted:x", "posted:1:melt"])("%j is no fail point", (text) => {
  expect(() => crashAt(text, local)).toThrow("ATELIER_FAILPOINT must be one of");
});
