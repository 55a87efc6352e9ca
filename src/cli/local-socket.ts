import { chmod, mkdtemp, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** The address of a socket has room for 104 bytes on macOS and 108 on Linux, its end included. */
const longestBytes = 100;

const nameIn = (dataDir: string) => path.resolve(dataDir, "atelier.sock");

/**
 * Makes room for the socket of the bot that holds `dataDir`, and says where it is to listen: what lies there is of a dead
 * process, because only one works in the folder. Where the name is too long for an address, it becomes a link to a socket
 * in a temporary folder that only this user can enter.
 */
export async function prepareSocket(dataDir: string): Promise<string> {
  const name = nameIn(dataDir);
  await removeSocket(dataDir);
  if (Buffer.byteLength(name) <= longestBytes) return name;
  const elsewhere = path.join(await mkdtemp(path.join(tmpdir(), "atelier-")), "atelier.sock");
  await symlink(elsewhere, name);
  return elsewhere;
}

/** Whoever runs as the same user is the operator, and nobody else. */
export async function closeToOthers(socket: string): Promise<void> {
  await chmod(socket, 0o600);
}

export async function removeSocket(dataDir: string): Promise<void> {
  const elsewhere = await target(dataDir);
  if (elsewhere !== undefined) await rm(path.dirname(elsewhere), { recursive: true, force: true });
  await rm(nameIn(dataDir), { force: true });
}

/** Finds the address at which the bot that works in `dataDir` can be asked, if there is one. */
export async function findSocket(dataDir: string): Promise<string> {
  return (await target(dataDir)) ?? nameIn(dataDir);
}

/** Only links to a folder of ours are followed. */
async function target(dataDir: string): Promise<string | undefined> {
  const to = await readlink(nameIn(dataDir)).catch(() => undefined); // a socket, or nothing
  return to !== undefined && /[/\\]atelier-\w{6}[/\\]atelier\.sock$/.test(to) ? to : undefined;
}
