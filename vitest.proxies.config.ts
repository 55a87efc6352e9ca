import { defineConfig } from "vitest/config";

/** The configurations of docs/proxies.md, each run by the program itself: `npm run test:proxies`, with Debian's packages. */
export default defineConfig({
  test: { include: ["test/proxies/**/*.test.ts"], fileParallelism: false, testTimeout: 30_000, hookTimeout: 60_000 },
});
