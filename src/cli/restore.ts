import { createHash } from "node:crypto";
import { keysOnDisk, placeFile } from "../images/spool/archive.ts";
import { resetLeases } from "../jobs/reset-leases.ts";
import type { DatabaseLocation } from "../store/connection.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { fill, isEmpty, linkParents, startFilling } from "../store/dump.ts";
import { isKnownShape } from "../store/migrations/index.ts";
import { backupFormat, type Manifest } from "./backup.ts";
import { readTar, TarError } from "./tar.ts";

export interface RestoreParts extends DatabaseLocation {
  readonly spool: string;
  /** Images are also to be sent to the storage that other machines share. */
  readonly shared: boolean;
}

/** It cannot be restored there, or at all; nothing was changed. */
class RestoreError extends Error {}

/**
 * Brings a backup into an empty installation, of either engine. Every byte is compared with the manifest before anything
 * is written; the tables come as one transaction, after the images. Calls that were under way stay what they are: recovery
 * looks for their images and never sends them again. Throws RestoreError, TarError, FolderInUse.
 */
export async function restore(file: string, { spool, shared, ...location }: RestoreParts): Promise<Manifest> {
  const { url, dataDir } = location;
  const manifest = await verify(file);
  const upTo = manifest.migrations.at(-1);
  if (upTo === undefined || !isKnownShape(manifest.migrations)) {
    throw new RestoreError(`${file} was made by a newer version of Atelier: restore it with that one.`);
  }
  const database = await openDatabase({ ...location, upTo });
  try {
    if (!(await isEmpty(database)) || (await hasFiles(spool))) {
      throw new RestoreError(
        `There is something already in ${url ? "the database" : dataDir} or in ${spool}: restore into an empty folder or database.`,
      );
    }
    for await (const { name, body } of readTar(file)) {
      if (name.startsWith("spool/")) await placeFile(spool, name.slice("spool/".length), body(), shared);
    }
    await restoreTables(file, database);
  } finally {
    await database.close();
  }
  const migrated = await openDatabase(location); // the rest of the way to the shape of today
  await migrated.close();
  return manifest;
}

async function restoreTables(file: string, database: Database): Promise<void> {
  await database.transaction(async (trx) => {
    await startFilling(trx, database.engine);
    const parents = new Map<string, string>();
    for await (const { name, body } of readTar(file)) {
      const table = /^database\/\d+-(\w+)\.jsonl$/.exec(name)?.[1];
      if (!table) continue;
      const lines = (await textOf(body())).split("\n").filter((line) => line !== "");
      await fill(trx, { table, rows: lines.map((line) => JSON.parse(line)) }, parents);
    }
    await linkParents(trx, parents);
    await resetLeases(trx);
  });
}

async function verify(file: string): Promise<Manifest> {
  const found = new Map<string, string>();
  let last = "";
  for await (const { name, body } of readTar(file)) {
    last = name === "manifest.json" ? await textOf(body()) : "";
    if (!last) found.set(name, await hashOf(body()));
  }
  const manifest = last ? (JSON.parse(last) as Manifest) : undefined;
  if (manifest?.format !== backupFormat) throw new TarError(`${file} is not a backup of Atelier, or not a whole one.`);
  for (const { name, sha256 } of manifest.entries) {
    if (found.get(name) !== sha256) throw new TarError(`${file} is damaged: ${name} is not what was saved.`);
    found.delete(name);
  }
  const [stranger] = found.keys();
  if (stranger !== undefined) throw new TarError(`${file} is damaged: ${stranger} was not saved in it.`);
  return manifest;
}

async function hashOf(body: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function hasFiles(spool: string): Promise<boolean> {
  try {
    for await (const _ of keysOnDisk(spool)) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return false;
}
