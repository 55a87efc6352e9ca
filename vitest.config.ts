import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/proxies/**"],
    globalSetup: ["test/support/own-folder.ts", "test/support/postgres-for-all.ts"],
    isolate: false, // a fresh worker for each of 300 files would load the same modules 300 times
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
