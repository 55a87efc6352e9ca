import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type AuditedFile, audit, auditedFiles, type Finding, totals } from "../store/audit.ts";
import type { DatabaseLocation, Db } from "../store/connection.ts";
import { openForReading } from "../store/read-only.ts";
import type { Log } from "../world.ts";
import type { AuditAnswer } from "./audit-process.ts";

/** Image files on this machine. */
export interface AuditableFiles {
  has(image: { readonly file: string }): Promise<boolean>;
  pathOf(image: { readonly file: string }): string;
}

const filesAtOnce = 500;

/**
 * Prints what is wrong with the ledger and, where `files` are given, with the images on this disk; else `ok`, and where the
 * credits are. False when anything is wrong. Reads only, and works while the bot runs.
 */
export async function printAudit(
  options: DatabaseLocation,
  files: AuditableFiles | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const reading = await openForReading(options);
  try {
    const findings = await audit(reading.db);
    for (const { sentence, subject, detail } of findings) print(`wrong   ${sentence} ${subject}: ${detail}`);
    const badFiles = files ? await printFiles(reading.db, files, print) : 0;
    const good = findings.length === 0 && badFiles === 0;
    if (good) print("ok      every credit is accounted for, and every image is there");
    for (const [name, amount] of Object.entries(await totals(reading.db))) print(`${name.padEnd(12)}${amount}`);
    return good;
  } finally {
    await reading.close();
  }
}

async function printFiles(db: Db, files: AuditableFiles, print: (line: string) => void): Promise<number> {
  let bad = 0;
  let last: AuditedFile | undefined;
  for (;;) {
    const some = await auditedFiles(db, last, filesAtOnce);
    for (const one of some) {
      const problem = await problemOf(files, one);
      if (problem === undefined) continue;
      bad += 1;
      print(`wrong   An image is not what was received. ${one.job}: ${one.file} ${problem}`);
    }
    last = some.at(-1);
    if (!last) return bad;
  }
}

async function problemOf(files: AuditableFiles, image: AuditedFile): Promise<string | undefined> {
  try {
    if (!(await files.has(image))) return "is missing";
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(files.pathOf(image))) hash.update(chunk);
    return hash.digest("hex") === image.sha256 ? undefined : "has other bytes";
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Audits the ledger in a process of its own: long statements of the embedded engine would hold up everything here, and what a
 * thread used stays with this process, 10 MB.
 */
export function auditOutside({ url, dataDir }: DatabaseLocation): Promise<readonly Finding[]> {
  const child = fork(new URL("./audit-process.ts", import.meta.url), {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child.send({ url, dataDir } satisfies DatabaseLocation);
  child.unref();
  child.channel?.unref();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("message", (answer: AuditAnswer) =>
      "findings" in answer ? resolve(answer.findings) : reject(new Error(answer.error)),
    );
    child.once("exit", () => reject(new Error("the audit ended without an answer"))); // after an answer, says nothing
  });
}

/** Audits the ledger once and logs what is wrong: nobody waits for it. */
export function auditBeside(options: DatabaseLocation, log: Log): Promise<void> {
  return auditOutside(options).then(
    (findings) => {
      if (findings.length === 0) log.info({}, "the ledger is consistent");
      else log.error({ findings }, "the ledger is inconsistent; npm start -- --audit says more");
    },
    (error) => log.warn({ err: error }, "the ledger could not be audited"),
  );
}
