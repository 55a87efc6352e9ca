import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { printAudit } from "../../src/app/audit.ts";
import { createImages } from "../../src/images/create-images.ts";
import { openDatabase } from "../../src/store/database.ts";
import { runAtelier, startAtelier } from "../support/atelier.ts";
import { openTestLedger } from "../support/test-ledger.ts";
import { testLog } from "../support/world.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-audit-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function printed(dataDir: string) {
  const lines: string[] = [];
  const images = createImages({ directory: path.join(dataDir, "spool"), trustedOrigins: [], log: testLog() });
  const good = await printAudit({ dataDir }, images, (line) => lines.push(line));
  return { good, text: lines.join("\n") };
}

test("says that all is well beside the bot that runs, with where the credits are, and exits with 0", async () => {
  const dataDir = path.join(folder, "running");
  const bot = await startAtelier({ DATA_DIR: dataDir });
  await bot.line(({ msg }) => msg === "the ledger is consistent");
  const beside = await runAtelier(["--audit"], { DATA_DIR: dataDir });
  expect(beside).toMatchObject({ code: 0, stderr: "" });
  expect(beside.stdout).toMatch(/^ok {6}.*\nissued {6}0\n/);
  expect(await bot.stop()).toBe(0);
  expect(await runAtelier(["--audit"], { DATA_DIR: dataDir })).toMatchObject({ code: 0, stderr: "" });
});

test("exits with 1 and one sentence when there is no database", async () => {
  const { code, stdout, stderr } = await runAtelier(["--audit"], { DATA_DIR: path.join(folder, "nothing") });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^There is no database in .*nothing yet\..*\n$/);
});

test("prints what is wrong and exits with 1; the bot logs it when it starts, and works all the same", async () => {
  const dataDir = path.join(folder, "wrong");
  const database = await openDatabase({ dataDir });
  await openTestLedger(database).accept({ id: "broken-job", amount: 100 });
  await database.db.updateTable("job").set({ held: 99 }).execute();
  await database.close();
  const { code, stdout } = await runAtelier(["--audit"], { DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^wrong {3}A job does not have exactly one hold of its price\. broken-job: should hold 99, held 100/,
  );
  expect(stdout).not.toContain("ok ");
  const bot = await startAtelier({ DATA_DIR: dataDir, ROLES: "web" });
  const line = await bot.line(({ msg }) => msg.startsWith("the ledger is inconsistent"));
  expect(JSON.stringify(line.findings)).toContain("broken-job");
  expect(await bot.stop()).toBe(0);
});

test("finds images that are missing or changed, and excuses what was erased", async () => {
  const dataDir = path.join(folder, "images");
  const results = path.join(dataDir, "spool", "results");
  const database = await openDatabase({ dataDir });
  const ledger = openTestLedger(database);
  mkdirSync(results, { recursive: true });
  const file = (job: string) => `results/${job}-0`;
  for (const id of ["kept", "missing", "changed"]) {
    const job = await ledger.accept({ id, amount: 100 });
    await ledger.send(job);
    await ledger.receive(job, 100);
    await ledger.post(job, 100);
    const sha256 = createHash("sha256").update(id).digest("hex");
    await database.db
      .updateTable("artifact")
      .set({ file: file(id), sha256 })
      .where("job", "=", id)
      .execute();
    if (id !== "missing") writeFileSync(path.join(dataDir, "spool", file(id)), id);
  }
  expect((await printed(dataDir)).text).toMatch(/missing: results\/missing-0 is missing/);
  writeFileSync(path.join(dataDir, "spool", file("changed")), "other");
  const wrong = await printed(dataDir);
  expect(wrong.good).toBe(false);
  expect(wrong.text.match(/^wrong/gm)).toHaveLength(2);
  expect(wrong.text).toMatch(/changed: results\/changed-0 has other bytes/);
  await database.db.updateTable("job").set({ erased_at: 1, prompt_folded: "" }).where("id", "<>", "kept").execute();
  expect(await printed(dataDir)).toMatchObject({ good: true });
  await database.close();
});
