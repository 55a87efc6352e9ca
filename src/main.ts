import path from "node:path";
import { parseArgs } from "node:util";
import { commands } from "../commands/index.ts";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { createCredits } from "./credits/credits.ts";
import { createImages } from "./images/create-images.ts";
import { countByState } from "./jobs/queue.ts";
import { createLog } from "./log.ts";
import { type InstalledPlatform, installPlatforms } from "./platforms/index.ts";
import { createBalances } from "./providers/balances.ts";
import { createBreakers } from "./providers/breakers.ts";
import { providerDefinitions } from "./providers/index.ts";
import { createRouter } from "./providers/router.ts";
import { createCallbacks } from "./server/callbacks.ts";
import { createMetrics } from "./server/metrics.ts";
import { createServer } from "./server/server.ts";
import { createCache } from "./store/cache.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { createChanges } from "./usecases/changes.ts";
import { createUseCases } from "./usecases/create-usecases.ts";
import { receiveCallback } from "./usecases/receive-callback.ts";
import type { Room } from "./usecases/room.ts";
import { createRunner } from "./usecases/run.ts";
import { type Log, realWorld } from "./world.ts";

/** sysexits.h EX_CONFIG: service managers know that starting again will not help. */
const exitConfig = 78;
/** What runs gets this long at SIGTERM; what does not end by then is recovered at the next start. */
const graceMs = 10_000;

const usage = `Atelier: gpt-image-2 in Discord and Slack.

  npm start                  start the bot; without configuration, the playground on http://127.0.0.1:8080
  npm start -- --check       check the configuration and every connection, start nothing

Configuration is read from the environment and from a file .env; docs/configuration.md lists every variable.
`;

/** Everything of one process, wired but not started. */
async function assemble(config: Config, database: Database, log: Log) {
  const world = realWorld();
  const cache = createCache();
  const providers = config.providers.map(({ definition, settings }) => definition.create(settings, { world, cache }));
  const balances = createBalances(providers, world, log);
  const metrics = createMetrics({ jobsByState: () => countByState(database.db), balances: balances.read });
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
    images: createImages({ directory: path.join(config.dataDir, "spool"), trustedOrigins: config.trustedOrigins, log }),
    router: createRouter({ providers, markupPercent: config.markupPercent, breakers }),
    breakers,
    callbackUrl: publicUrl === undefined ? undefined : (secret) => new URL(`callbacks/${secret}`, publicUrl).href,
    observer: metrics.observer,
    changes: createChanges(),
    queuedPerMember: config.userQueued,
    platform: (name) => installed.find(({ platform }) => platform.name === name)?.platform,
    wake: () => runner.wake(),
  };
  const { observer, images } = room;
  const installed: readonly InstalledPlatform[] = await installPlatforms(config, {
    commands,
    usecases: createUseCases(room),
    world,
    log,
    cache,
    observer,
    fit: (image, limit) => images.fit(image, limit),
  });
  const runner = createRunner(room, {
    perMember: config.userRunning,
    perProvider: Object.fromEntries(providers.map(({ name, concurrency }) => [name, concurrency])),
    platforms: installed.map(({ platform }) => platform.name),
  });
  const callbacks = createCallbacks((secret, body) => receiveCallback(room, secret, body));
  return { world, providers, balances, metrics, installed, runner, callbacks };
}

async function run(config: Config, database: Database, log: Log): Promise<void> {
  const { world, providers, balances, metrics, installed, runner, callbacks } = await assemble(config, database, log);
  const gateway = config.roles.includes("gateway");
  const worker = config.roles.includes("worker");
  const started = installed.filter(({ platform }) =>
    platform.name === "web" ? config.roles.includes("web") : gateway,
  );
  const server = createServer({
    host: config.host,
    port: config.port,
    mounts: [...started.flatMap(({ mount }) => mount ?? []), { path: "/callbacks", handler: callbacks }],
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
    if (worker) await Promise.race([runner.stop(), world.sleep(graceMs)]);
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
  await database.listen(() => runner.wake());
  const port = await server.start();
  await Promise.all(started.map(({ platform }) => platform.start()));
  const address = `http://${config.host}:${port}`;
  const names = providers.map(({ name }) => name);
  log.info({ platforms: started.map(({ platform }) => platform.name), providers: names, address }, "Atelier is ready");
  if (config.playground) log.info({}, `The playground is open at ${address}`);
}

/** Every connection once, each with its own line; false when one does not work. */
async function check(config: Config, database: Database, log: Log): Promise<boolean> {
  const { providers, installed } = await assemble(config, database, log);
  const checks: [string, () => Promise<unknown>][] = [
    [`database (${database.engine})`, () => database.db.selectFrom("account").select("id").limit(1).execute()],
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
  const { values } = parseArgs({ options: { check: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) return void process.stdout.write(usage);
  const config = configure();
  const log = await createLog({
    level: values.check ? "silent" : config.logLevel,
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
