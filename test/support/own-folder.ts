import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const memory = "/dev/shm";
const enoughBytes = 4_000_000_000;

/**
 * Gives a run of the tests a temporary folder of its own: what another Atelier on this machine leaves is not in there.
 * It lies in memory where the system has enough of it for files, since no test is about what survives a power cut.
 */
export default function setup(): () => void {
  const before = process.env.TMPDIR;
  const folder = mkdtempSync(path.join(hasSpace(memory) ? memory : tmpdir(), "atelier-test-"));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user when root runs the tests
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  };
}

function hasSpace(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= enoughBytes;
}
