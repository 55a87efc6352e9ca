import type { TestProject } from "vitest/node";
import { startPostgresBeside } from "./postgres-beside.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run; every suite makes its own databases on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgresBeside();
  project.provide("postgresUrl", server.url);
  return server.stop;
}
