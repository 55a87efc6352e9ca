import type { Config } from "../config/config.ts";
import { databaseOf } from "../config/database.ts";
import { warningsOf } from "../config/warnings.ts";
import { crashAt } from "../fail-point.ts";
import { openDatabase } from "../store/database.ts";
import { type Log, realWorld, type World } from "../world.ts";
import type { AppDeps } from "./assemble.ts";

/** What a process is started with. */
export interface Startup {
  readonly config: Config;
  readonly log: Log;
  /** ATELIER_FAILPOINT, in tests of crashes. */
  readonly failPoint: string | undefined;
}

/** Opens the database, migrated, and the clock that goes with it. Throws FolderInUse. */
export async function openAppDeps({ config, log, failPoint }: Startup): Promise<AppDeps> {
  const world = realWorldOf(config, failPoint);
  const database = await openDatabase(databaseOf(config));
  for (const warning of [...warningsOf(config), ...database.warnings]) log.warn({}, warning);
  if (database.engine === "sqlite") return { config, log, database, world: world() };
  const { serverClock } = await import("../store/clock.ts");
  return { config, log, database, world: world(await serverClock(database.db)) };
}

/** In tests of crashes, this process dies where it is told to. */
function realWorldOf({ providers, discord, slack }: Config, failPoint: string | undefined) {
  const services = providers.filter(({ definition }) => definition.needsKey).map(({ settings }) => settings.baseUrl);
  const platforms = [discord, slack].flatMap((platform) => platform?.apiUrl ?? []);
  const reach = failPoint === undefined ? undefined : crashAt(failPoint, [...services, ...platforms]);
  return (now?: () => number): World => ({ ...realWorld(now), ...(reach ? { checkpoint: reach } : {}) });
}
