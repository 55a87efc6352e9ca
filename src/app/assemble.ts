import { statfs } from "node:fs/promises";
import path from "node:path";
import { commands } from "../../commands/index.ts";
import { terminalPlatform } from "../cli/terminal-platform.ts";
import type { Config } from "../config/config.ts";
import { databaseOf } from "../config/database.ts";
import type { Context } from "../context.ts";
import { createCredits } from "../credits/credits.ts";
import { operatorAccounts } from "../credits/totals.ts";
import { createImages } from "../images/create-images.ts";
import type { Images } from "../images/images.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { createChanges } from "../jobs/changes.ts";
import { countByState, findJob } from "../jobs/queue.ts";
import { namesRoles } from "../policy/documents.ts";
import { paused } from "../policy/rules.ts";
import { createBalances } from "../providers/balances.ts";
import { createBreakers } from "../providers/breakers.ts";
import { createRouter } from "../providers/router.ts";
import { createCallbacks } from "../server/callbacks.ts";
import { createLinks } from "../server/links.ts";
import { createMetrics } from "../server/metrics.ts";
import { createOriginals } from "../server/originals.ts";
import { payForSeen } from "../settlement/unseen.ts";
import { createCache } from "../store/cache.ts";
import type { Database } from "../store/database.ts";
import { createInstallationStore } from "../store/installations.ts";
import { linkKey } from "../store/link-key.ts";
import { createUseCases } from "../usecases/create-usecases.ts";
import { createRetention } from "../usecases/privacy/retention.ts";
import { receiveCallback } from "../worker/receive-callback.ts";
import { createRunner } from "../worker/run.ts";
import type { Log, World } from "../world.ts";
import { auditInThread } from "./audit.ts";
import { type InstalledPlatform, installPlatforms } from "./platforms.ts";

/** The parts that a process is put together from. */
export interface AppDeps {
  readonly config: Config;
  readonly database: Database;
  readonly world: World;
  readonly log: Log;
}

const dayMs = 86_400_000;

export type Assembled = Awaited<ReturnType<typeof assemble>>;

/** Everything of one process, wired but not started. */
export async function assemble({ config, database, world, log }: AppDeps) {
  const cache = createCache();
  const providers = config.providers.map(({ definition, settings }) => definition.create(settings, { world, cache }));
  const balances = createBalances(providers, world, log);
  const metrics = createMetrics({
    known: { providers: providers.map(({ name }) => name), platforms: platformsOf(config) },
    jobsByState: () => countByState(database.db),
    balances: balances.read,
    accounts: () => operatorAccounts(database.db),
    spool: () => context.images.size(),
    resting: async () =>
      Object.fromEntries(providers.map(({ name }) => [name, breakers.isResting(name) || breakers.isOpen(name)])),
    paused: () => paused({ database }),
    diskFree: () => statfs(config.dataDir).then(({ bavail, bsize }) => bavail * bsize),
  });
  const breakers = createBreakers(world);
  const publicUrl = config.web.publicUrl?.replace(/\/*$/, "/");
  const context: Context = {
    database,
    world,
    log,
    credits: createCredits(database, world, {
      daily: config.userDailyCredits,
      tenantMonthly: config.tenantMonthlyCredits,
      globalDaily: config.globalDailyCredits,
    }),
    images: imagesFor(config, log),
    router: createRouter({ providers, markupPercent: config.markupPercent, breakers }),
    breakers,
    callbackUrl: publicUrl === undefined ? undefined : (secret) => new URL(`callbacks/${secret}`, publicUrl).href,
    observer: metrics.observer,
    changes: createChanges((job) => void database.notify(job).catch(() => undefined)), // else polling tells
    operators: config.operators,
    allowedTenants: config.allowedTenants,
    retention: config.retention,
    tenantMonthly: config.tenantMonthlyCredits,
    balances,
    runningPerMember: config.userRunning,
    queuedPerMember: config.userQueued,
    unpaidPerMember: config.userUnpaid,
    platform: (name) =>
      name === terminalPlatform.name
        ? terminalPlatform
        : installed.find(({ platform }) => platform.name === name)?.platform,
    wake: () => runner.wake(),
  };
  const { observer, images } = context;
  const links = publicUrl && createLinks(await linkKey(database.db, world.secret(32), world.now()), world.now);
  const usecases = createUseCases(context);
  const installed: readonly InstalledPlatform[] = await installPlatforms(config, {
    commands,
    usecases,
    world,
    log,
    cache,
    observer,
    installations: createInstallationStore(database, world.now),
    fit: (image, limit) => images.fit(image, limit),
    namesRoles: (tenant) => namesRoles(database.db, tenant),
    audit: () => auditInThread(databaseOf(config)),
    linkTo: (job, index) => links && new URL(`images/${links.sign(job, index)}`, publicUrl).href,
  });
  const runner = createRunner(context, {
    perMember: config.userRunning,
    perProvider: Object.fromEntries(providers.map(({ name, concurrency }) => [name, concurrency])),
    platforms: [...installed.map(({ platform }) => platform.name), terminalPlatform.name],
    deliveryWaitMs: config.deliveryDays * dayMs,
  });
  const mounts = [
    { path: "/callbacks", handler: createCallbacks((secret, body) => receiveCallback(context, secret, body)) },
    ...(links ? [{ path: "/images", handler: createOriginals(links, originalsOf(context)) }] : []),
  ];
  const retention = createRetention(context);
  const { changes } = context;
  return { usecases, providers, balances, metrics, installed, runner, retention, mounts, images, changes };
}

/** The platforms that jobs of this installation may come from, as metrics name them. */
function platformsOf({ discord, slack }: Config): string[] {
  return [...(discord ? ["discord"] : []), ...(slack ? ["slack"] : []), "web", terminalPlatform.name];
}

/** The images on the disk of this machine, and where they are shared, if anywhere. */
export function imagesFor(config: Config, log: Log): Images {
  const directory = path.join(config.dataDir, "spool");
  const { trustedOrigins, spool: shared, proxies } = config;
  return createImages({ directory, trustedOrigins, shared, proxies, log });
}

/** Images of jobs as they were received, while they are kept. */
function originalsOf(context: Context) {
  const { database, images } = context;
  return async (job: string, index: number) => {
    const asked = await findJob(database.db, job);
    if (asked) await payForSeen(context, asked);
    const image = (await artifactsOf(database.db, job))[index];
    return image && (await images.has(image)) ? { path: images.pathOf(image), format: image.format } : undefined;
  };
}
