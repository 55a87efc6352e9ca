import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Images } from "../images/images.ts";
import { keysOnDisk } from "../images/spool/archive.ts";
import { allInputs, keptAttempts } from "../jobs/referred.ts";
import { type AuditedFile, auditedFiles } from "../store/audit.ts";
import type { Db, Reading } from "../store/connection.ts";
import { dump } from "../store/dump.ts";
import { migrationsOf } from "../store/read-only.ts";
import { createTar, type Entry, type TarWriter } from "./tar.ts";

export const backupFormat = "atelier-backup-1";

/** The last entry of a backup: what else is in it, so that nothing of it can be lost or changed unseen. */
export interface Manifest {
  readonly format: typeof backupFormat;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly engine: string;
  /** The shape of the tables. */
  readonly migrations: readonly string[];
  readonly entries: readonly Entry[];
  /** Images that were deleted, or lost, before they could be copied. */
  readonly missing: readonly string[];
}

export interface BackupParts {
  readonly reading: Reading;
  readonly images: Pick<Images, "has" | "pathOf">;
  readonly spool: string;
  readonly now: number;
}

/** Everything of an installation in one file, also while the bot works: tables as of one moment, then their images. */
export async function backup(file: string, { reading, images, spool, now }: BackupParts): Promise<Manifest> {
  const tar = await createTar(file);
  try {
    const migrations = await migrationsOf(reading);
    const tables = await addTables(tar, reading);
    const { entries, missing } = await addImages(tar, await keysOf(reading.db, spool), images, spool);
    const all = [...tables, ...entries];
    const manifest: Manifest = {
      format: backupFormat,
      createdAt: now,
      engine: reading.engine,
      migrations,
      entries: all,
      missing,
    };
    await addText(tar, "manifest.json", JSON.stringify(manifest, undefined, 1));
    await tar.commit();
    return manifest;
  } catch (error) {
    await tar.discard();
    throw error;
  }
}

async function addTables(tar: TarWriter, reading: Reading): Promise<Entry[]> {
  const entries: Entry[] = [];
  await dump(reading, async ({ table, rows }) => {
    const name = `database/${String(entries.length).padStart(6, "0")}-${table}.jsonl`;
    entries.push(await addText(tar, name, rows.map((row) => `${JSON.stringify(row)}\n`).join("")));
  });
  return entries;
}

async function addText(tar: TarWriter, name: string, text: string): Promise<Entry> {
  const bytes = Buffer.from(text);
  return tar.add(name, bytes.length, [bytes]);
}

/** Lists the files that a sweep would keep, and those that jobs have. */
async function keysOf(db: Db, spool: string): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const files of allInputs(db)) for (const file of files) keys.add(file);
  for (let last: AuditedFile | undefined; ; ) {
    const some = await auditedFiles(db, last, 500);
    for (const { file } of some) keys.add(file);
    last = some.at(-1);
    if (!last) break;
  }
  for await (const key of keysOnDisk(spool)) {
    const attempt = /^results\/(.+)-(?:\d+|complete)$/.exec(key)?.[1];
    if (attempt && (await keptAttempts(db, [attempt])).size > 0) keys.add(key);
  }
  return keys;
}

async function addImages(tar: TarWriter, keys: ReadonlySet<string>, images: BackupParts["images"], spool: string) {
  const entries: Entry[] = [];
  const missing: string[] = [];
  for (const key of [...keys].sort()) {
    const isMark = key.endsWith("-complete");
    if (!isMark && !(await images.has({ file: key }))) missing.push(key);
    else {
      const path = isMark ? `${spool}/${key}` : images.pathOf({ file: key });
      const { size } = await stat(path);
      entries.push(await tar.add(`spool/${key}`, size, createReadStream(path)));
    }
  }
  return { entries, missing };
}
