import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run; every suite makes its own databases on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = fork(path.join(import.meta.dirname, "postgres-server.ts"));
  const [url] = await Promise.race([
    once(server, "message"),
    once(server, "exit").then(([code]) => Promise.reject(new Error(`PostgreSQL did not start: exit code ${code}`))),
  ]);
  project.provide("postgresUrl", String(url));
  return async () => {
    const ended = once(server, "exit");
    server.disconnect();
    await ended;
  };
}
