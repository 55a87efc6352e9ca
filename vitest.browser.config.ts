import { defineConfig } from "vitest/config";

/** The page in a real browser: `npm run test:browser`, with Debian's chromium or the one that CHROMIUM names. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    fileParallelism: false,
    globalSetup: "test/support/own-folder.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
