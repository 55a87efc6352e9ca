import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";

/** Opens what a process opens at its start; gives the warnings that it logs. */
function warningsAtStart(dataDir: string): string[] {
  const program = `
    const { loadConfig } = await import("./src/config/config.ts");
    const { providerDefinitions } = await import("./src/providers/index.ts");
    const { openAppDeps } = await import("./src/app/open.ts");
    process.umask(0);
    const config = loadConfig({ DATA_DIR: process.argv[1], PROVIDERS: "sandbox" }, providerDefinitions);
    const log = { debug() {}, info() {}, error() {}, warn: (_, sentence) => console.log(sentence) };
    const { database } = await openAppDeps({ config, log, failPoint: undefined });
    await database.close();
  `;
  const args = ["--input-type=module", "-e", program, dataDir];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line.includes("DATA_DIR"));
}

test("what the bot writes is its own user's only, and an open folder is told", () => {
  const home = mkdtempSync(path.join(tmpdir(), "atelier-private-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const fresh = path.join(home, "fresh");
  expect(warningsAtStart(fresh)).toEqual([]);
  expect(statSync(fresh).mode & 0o777).toBe(0o700);
  const files = readdirSync(fresh);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect.soft(statSync(path.join(fresh, file)).mode & 0o077, file).toBe(0);
  const open = path.join(home, "open");
  mkdirSync(open);
  chmodSync(open, 0o755);
  expect(warningsAtStart(open)).toEqual([
    `Other users of this machine can look into DATA_DIR: run chmod -R go= ${open}`,
  ]);
});
