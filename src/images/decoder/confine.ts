import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const folders = ["/usr/bin", "/bin"];
const app = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Node's own permission model: a decoder reads its program, and writes one number. Libraries of machine code are not
 * bound by it, only what runs as JavaScript.
 */
const permissions = [
  "--permission",
  "--allow-addons",
  ...["src/images/", "src/image.ts", "package.json", "node_modules/"].map((path) => `--allow-fs-read=${app}${path}`),
  "--allow-fs-write=/proc/self/oom_score_adj",
];

/** The kernel's part, where it is Linux and its tools are there. */
export interface Tools {
  /** Starts a process without network that can look into no other. */
  readonly unshare?: string | undefined;
  /** Takes from a running process what it has no need of any more. */
  readonly prlimit?: string | undefined;
}

/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** A user namespace of its own gives it no rights over processes of the same user outside; the network has no way out. */
const apart = ["--user", "--map-current-user", "--net", "--ipc"];
let usual: Promise<Tools> | undefined;

/** Finds out what this machine has, once. */
export function findTools(): Promise<Tools> {
  usual ??= lookFor();
  return usual;
}

async function lookFor(): Promise<Tools> {
  const unshare = find("unshare");
  const works = unshare && (await isAllowed(unshare));
  return { unshare: works ? unshare : undefined, prlimit: find("prlimit") };
}

function find(name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Containers, and some systems, allow nobody but root to make namespaces. */
function isAllowed(unshare: string): Promise<boolean> {
  return run(unshare, [...apart, process.execPath, "--version"], { env: {}, timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** The command that starts a decoder's program. */
export function confined({ unshare }: Tools, program: string, args: readonly string[]): Command {
  const node = ["--max-old-space-size=256", ...permissions, `--allow-fs-read=${program}`, program, ...args];
  if (!unshare) return { file: process.execPath, args: node };
  return { file: unshare, args: [...apart, process.execPath, ...node] };
}

/**
 * From now on the process can open no file and no connection, whatever its libraries do: its limit of open files is
 * below those that it has. It can write no byte to a disk, and leaves no memory behind when it crashes.
 */
export async function closeDoors({ prlimit }: Tools, pid: number): Promise<void> {
  if (!prlimit) return;
  await run(prlimit, [`--pid=${pid}`, "--nofile=0:0", "--fsize=0:0", "--core=0:0"], { env: {}, timeout: 10_000 });
}
