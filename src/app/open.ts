import { mkdirSync, statSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { databaseOf } from "../config/database.ts";
import { warningsOf } from "../config/warnings.ts";
import { crashAt } from "../fail-point.ts";
import { openDatabase } from "../store/database.ts";
import { type Log, realWorld, type World } from "../world.ts";
import type { AppDeps } from "./assemble.ts";
import type { LearntSecrets } from "./learnt-secrets.ts";

/** The inputs of a start. */
export interface Startup {
  readonly config: Config;
  readonly log: Log;
  readonly learnt?: LearntSecrets;
  /** ATELIER_FAILPOINT, in tests of crashes. */
  readonly failPoint: string | undefined;
}

/** Opens the database, migrated, and the clock that goes with it. Throws FolderInUse. */
export async function openAppDeps({ config, log, learnt, failPoint }: Startup): Promise<AppDeps> {
  const folder = keepFilesPrivate(config.dataDir);
  const world = realWorldOf(config, failPoint);
  const database = await openDatabase(databaseOf(config));
  for (const warning of [...warningsOf(config), ...folder, ...database.warnings]) log.warn({}, warning);
  const parts = { config, log, database, ...(learnt ? { learnt } : {}) };
  if (database.engine === "sqlite") return { ...parts, world: world() };
  const { serverClock } = await import("../store/clock.ts");
  return { ...parts, world: world(await serverClock(database.db)) };
}

/** From now on, what this process writes can be read by its user only. Gives a sentence when others may look in already. */
function keepFilesPrivate(dataDir: string): string[] {
  process.umask(0o077);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const isOpen = process.platform !== "win32" && (statSync(dataDir).mode & 0o077) !== 0;
  return isOpen ? [`Other users of this machine can look into DATA_DIR: run chmod -R go= ${dataDir}`] : [];
}

/** In tests of crashes, this process dies where it is told to. */
function realWorldOf({ providers, discord, slack }: Config, failPoint: string | undefined) {
  const services = providers.filter(({ definition }) => definition.needsKey).map(({ settings }) => settings.baseUrl);
  const platforms = [discord, slack].flatMap((platform) => platform?.apiUrl ?? []);
  const reach = failPoint === undefined ? undefined : crashAt(failPoint, [...services, ...platforms]);
  return (now?: () => number): World => ({ ...realWorld(now), ...(reach ? { checkpoint: reach } : {}) });
}
