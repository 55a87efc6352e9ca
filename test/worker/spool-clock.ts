import { readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import type { TestBot } from "../support/test-bot.ts";

/** Every file of the spool, with its bytes. */
export function spoolFiles({ folder }: TestBot): { file: string; bytes: Buffer }[] {
  const spool = path.join(folder, "spool");
  return readdirSync(spool, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(path.join(spool, file)).isFile())
    .map((file) => ({ file, bytes: readFileSync(path.join(spool, file)) }));
}

/** Files are as old as the clock of the test says now, whatever the machine's own clock says. */
export function setFileTimes(house: TestBot): void {
  const seconds = house.world.now() / 1000;
  for (const { file } of spoolFiles(house)) utimesSync(path.join(house.folder, "spool", file), seconds, seconds);
}
