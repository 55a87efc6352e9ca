import path from "node:path";
import { parseArgs } from "node:util";
import { commands } from "../commands/index.ts";
import { auditBeside, printAudit } from "./audit.ts";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { createCredits } from "./credits/credits.ts";
import { operatorAccounts } from "./credits/totals.ts";
import { deathAt } from "./fail-point.ts";
import { createImages } from "./images/create-images.ts";
import type { Images } from "./images/images.ts";
import { artifactsOf } from "./jobs/attempts.ts";
import { countByState } from "./jobs/queue.ts";
import { createLog } from "./log.ts";
import { type InstalledPlatform, installPlatforms } from "./platforms/index.ts";
import { createBalances } from "./providers/balances.ts";
import { createBreakers } from "./providers/breakers.ts";
import { providerDefinitions } from "./providers/index.ts";
import { createRouter } from "./providers/router.ts";
import { createCallbacks } from "./server/callbacks.ts";
import { createLinks } from "./server/links.ts";
import { createMetrics } from "./server/metrics.ts";
import { createOriginals } from "./server/originals.ts";
import { createServer } from "./server/server.ts";
import { createCache } from "./store/cache.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { createInstallationStore } from "./store/installations.ts";
import { linkKey } from "./store/link-key.ts";
import { createChanges } from "./usecases/changes.ts";
import { createUseCases } from "./usecases/create-usecases.ts";
import { receiveCallback } from "./usecases/receive-callback.ts";
import { createRetention } from "./usecases/retention.ts";
import type { Room } from "./usecases/room.ts";
import { createRunner } from "./usecases/run.ts";
import { type Log, realWorld, type World } from "./world.ts";

/** sysexits.h EX_CONFIG: service managers know that starting again will not help. */
const exitConfig = 78;
/** What runs gets this long at SIGTERM; what does not end by then is recovered at the next start. */
const graceMs = 10_000;

const usage = `Atelier: gpt-image-2 in Discord and Slack.

  npm start                  start the bot; without configuration, the playground on http://127.0.0.1:8080
  npm start -- --check       check the configuration and every connection, start nothing
  npm start -- --audit       check every credit and every image, also while the bot runs; change nothing

Configuration is read from the environment and from a file .env; docs/configuration.md lists every variable.
`;

/** Everything of one process, wired but not started. */
async function assemble(config: Config, database: Database, log: Log) {
  const world = worldFor(config);
  const cache = createCache();
  const providers = config.providers.map(({ definition, settings }) => definition.create(settings, { world, cache }));
  const balances = createBalances(providers, world, log);
  const metrics = createMetrics({
    jobsByState: () => countByState(database.db),
    balances: balances.read,
    accounts: () => operatorAccounts(database.db),
    spool: () => room.images.size(),
  });
  const breakers = createBreakers(world);
  const publicUrl = config.web.publicUrl?.replace(/\/*$/, "/");
  const room: Room = {
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
    changes: createChanges(),
    operators: config.operators,
    retention: config.retention,
    tenantMonthly: config.tenantMonthlyCredits,
    balances,
    runningPerMember: config.userRunning,
    queuedPerMember: config.userQueued,
    platform: (name) => installed.find(({ platform }) => platform.name === name)?.platform,
    wake: () => runner.wake(),
  };
  const { observer, images } = room;
  const links = publicUrl && createLinks(await linkKey(database.db, world.secret(32), world.now()), world.now);
  const installed: readonly InstalledPlatform[] = await installPlatforms(config, {
    commands,
    usecases: createUseCases(room),
    world,
    log,
    cache,
    observer,
    installations: createInstallationStore(database, world.now),
    fit: (image, limit) => images.fit(image, limit),
    linkTo: (job, index) => links && new URL(`images/${links.sign(job, index)}`, publicUrl).href,
  });
  const runner = createRunner(room, {
    perMember: config.userRunning,
    perProvider: Object.fromEntries(providers.map(({ name, concurrency }) => [name, concurrency])),
    platforms: installed.map(({ platform }) => platform.name),
  });
  const mounts = [
    { path: "/callbacks", handler: createCallbacks((secret, body) => receiveCallback(room, secret, body)) },
    ...(links ? [{ path: "/images", handler: createOriginals(links, originalsOf(room)) }] : []),
  ];
  return { world, providers, balances, metrics, installed, runner, retention: createRetention(room), mounts, images };
}

function imagesFor(config: Config, log: Log): Images {
  const directory = path.join(config.dataDir, "spool");
  return createImages({ directory, trustedOrigins: config.trustedOrigins, shared: config.spool, log });
}

/** Images of jobs as they were received, while they are kept. */
function originalsOf({ database, images }: Room) {
  return async (job: string, index: number) => {
    const image = (await artifactsOf(database.db, job))[index];
    return image && (await images.has(image)) ? { path: images.pathOf(image), format: image.format } : undefined;
  };
}

async function run(config: Config, database: Database, log: Log): Promise<void> {
  const assembled = await assemble(config, database, log);
  const { world, providers, balances, metrics, installed, runner, retention, mounts } = assembled;
  const gateway = config.roles.includes("gateway");
  const worker = config.roles.includes("worker");
  const started = installed.filter(({ platform }) =>
    platform.name === "web" ? config.roles.includes("web") : gateway,
  );
  const server = createServer({
    host: config.host,
    port: config.port,
    mounts: [...started.flatMap(({ mount }) => mount ?? []), ...mounts],
    metrics,
    log,
    world,
    ready: async () => ({
      database: await database.healthy(),
      ...Object.fromEntries(started.map(({ platform }) => [platform.name, platform.ready()])),
    }),
  });

  async function stop(signal: string): Promise<void> {
    log.info({ signal }, "stopping: nothing new is taken on");
    await Promise.all(started.map(({ platform }) => platform.stop()));
    await Promise.race([Promise.all([retention.stop(), ...(worker ? [runner.stop()] : [])]), world.sleep(graceMs)]);
    watching.abort();
    await server.stop();
    await Promise.all(providers.map((provider) => provider.close()));
    await database.close();
    process.exit(0);
  }
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void stop(signal);
    });
  }

  const watching = new AbortController();
  if (worker) {
    await runner.start();
    void balances.watch(watching.signal);
  }
  retention.start(); // in every role: each process may have a disk of its own
  await database.listen(() => runner.wake());
  const port = await server.start();
  await Promise.all(started.map(({ platform }) => platform.start()));
  const address = `http://${config.host}:${port}`;
  const names = providers.map(({ name }) => name);
  log.info({ platforms: started.map(({ platform }) => platform.name), providers: names, address }, "Atelier is ready");
  if (config.playground) log.info({}, `The playground is open at ${address}`);
  auditBeside({ url: config.databaseUrl, dataDir: config.dataDir }, log);
}

/** False when the books or the images are not in order. */
async function auditAll(config: Config, log: Log): Promise<boolean> {
  const files = config.spool ? undefined : imagesFor(config, log); // what others share need not be on this disk
  const options = { url: config.databaseUrl, dataDir: config.dataDir };
  return printAudit(options, files, (line) => void process.stdout.write(`${line}\n`));
}

/** Every connection once, each with its own line; false when one does not work. */
async function check(config: Config, database: Database, log: Log): Promise<boolean> {
  const { providers, installed, images } = await assemble(config, database, log);
  const checks: [string, () => Promise<unknown>][] = [
    [`database (${database.engine})`, () => database.db.selectFrom("account").select("id").limit(1).execute()],
    ...(config.spool ? [["shared images", () => images.check()] as [string, () => Promise<unknown>]] : []),
    ...installed.map(({ platform }): [string, () => Promise<unknown>] => [platform.name, () => platform.check()]),
    ...providers.map((provider): [string, () => Promise<unknown>] => [provider.name, () => provider.check()]),
  ];
  let good = true;
  for (const [name, connect] of checks) {
    try {
      await connect();
      process.stdout.write(`ok      ${name}\n`);
    } catch (error) {
      good = false;
      process.stdout.write(`failed  ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  await Promise.all(providers.map((provider) => provider.close()));
  return good;
}

/** The real one; in tests of sudden death, this process dies in it where it is told to. */
function worldFor({ providers, discord, slack }: Config): World {
  const point = process.env.ATELIER_FAILPOINT;
  if (point === undefined) return realWorld();
  const services = providers.filter(({ definition }) => definition.needsKey).map(({ settings }) => settings.baseUrl);
  const platforms = [discord, slack].flatMap((platform) => platform?.apiUrl ?? []);
  return { ...realWorld(), reach: deathAt(point, [...services, ...platforms]) };
}

function configure(): Config {
  try {
    return loadConfig(process.env, providerDefinitions);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const sentence of error.problems) process.stderr.write(`${sentence}\n`);
    process.exit(exitConfig);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { check: { type: "boolean" }, audit: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return void process.stdout.write(usage);
  const config = configure();
  const log = await createLog({
    level: values.check || values.audit ? "silent" : config.logLevel,
    secrets: config.secrets,
    pretty: process.stdout.isTTY === true,
    out: process.stdout,
  });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      log.error({ err: error }, "a bug; the process ends here, and the next one recovers its jobs");
      process.exitCode = 1;
      setImmediate(() => process.exit(1)); // after the line is written
    });
  }
  if (values.audit) {
    process.exitCode = (await auditAll(config, log)) ? 0 : 1;
    return;
  }
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir });
  if (!values.check) return run(config, database, log);
  const good = await check(config, database, log);
  await database.close();
  process.exitCode = good ? 0 : 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
