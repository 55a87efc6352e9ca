import { isPresent } from "../store/presence.ts";
import type { AppDeps } from "./assemble.ts";

const everyMs = 30_000;

/** Tells the operator in the log, from a process that does not draw, while no process does. */
export async function watchWorkers(
  { database, world, log }: Pick<AppDeps, "database" | "world" | "log">,
  signal: AbortSignal,
): Promise<void> {
  let wasPresent = true;
  for (;;) {
    await world.sleep(everyMs, signal); // before the first look: workers may start beside this process
    if (signal.aborted) return;
    const present = await isPresent(database.db, world.now()).catch(() => wasPresent);
    if (wasPresent && !present) log.warn({}, "no worker: no process draws what is queued");
    if (!wasPresent && present) log.info({}, "a worker is there: what is queued is drawn");
    wasPresent = present;
  }
}
