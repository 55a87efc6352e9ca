import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** Where a running bot can be asked, and what opens its door; whoever can read this file is its operator. */
export interface DeskAddress {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly token: string;
}

const pathIn = (dataDir: string) => path.join(dataDir, "terminal.json");

export async function writeDeskAddress(dataDir: string, address: DeskAddress): Promise<void> {
  const fresh = `${pathIn(dataDir)}.part`;
  await rm(fresh, { force: true }); // else it would keep the mode that it has
  await writeFile(fresh, JSON.stringify(address), { mode: 0o600 });
  await rename(fresh, pathIn(dataDir)); // never half of it
}

export async function removeDeskAddress(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
}

/** Undefined when no bot has left one here. */
export async function readDeskAddress(dataDir: string): Promise<DeskAddress | undefined> {
  try {
    return JSON.parse(await readFile(pathIn(dataDir), "utf8")) as DeskAddress;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
