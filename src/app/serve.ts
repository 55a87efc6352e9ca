import { createLocalApi } from "../cli/local-api.ts";
import { type DeskServer, startDeskServer } from "../cli/local-api-server.ts";
import { createServer } from "../server/server.ts";
import { type AppDeps, type Assembled, assemble } from "./assemble.ts";
import { auditBeside } from "./audit.ts";

/** Of the time to stop, this part is for the work that runs; the rest is for closing what it used. */
const partForWork = 2 / 3;

/** Starts the bot, in its roles; it stops at SIGTERM. */
export async function serve(deps: AppDeps): Promise<void> {
  const { config, database, world, log } = deps;
  const assembled = await assemble(deps);
  const { providers, balances, runner, retention } = assembled;
  const worker = config.roles.includes("worker");
  const started = startedIn(deps, assembled);
  const server = serverOf(deps, assembled, started);
  const watching = new AbortController();
  let desk: DeskServer | undefined;

  async function stop(): Promise<void> {
    const work = [
      retention.stop(),
      ...(worker ? [runner.stop()] : []),
      ...started.map(({ platform }) => platform.stop()),
    ];
    await Promise.race([Promise.all(work), world.sleep(config.stopTimeoutMs * partForWork)]);
    watching.abort();
    await Promise.all([desk?.stop(), server.stop(), ...providers.map((provider) => provider.close())]);
    await database.close();
  }
  stopAtSignals(deps, stop);

  if (worker) {
    await runner.start();
    void balances.watch(watching.signal);
  }
  retention.start(); // in every role: each process may have a disk of its own
  await database.listen(() => runner.wake());
  const port = await server.start();
  await Promise.all(started.map(({ platform }) => platform.start()));
  // PostgreSQL serves commands of a terminal by itself; the embedded database is open in this process only.
  if (database.engine === "sqlite") {
    desk = await startDeskServer({ desk: createLocalApi(assembled.usecases), dataDir: config.dataDir, world, log });
  }
  const address = `http://${config.host}:${port}`;
  const names = providers.map(({ name }) => name);
  log.info({ platforms: started.map(({ platform }) => platform.name), providers: names, address }, "Atelier is ready");
  if (config.playground) log.info({}, `The playground is open at ${address}`);
  if (config.web.password && config.roles.includes("web")) log.info({}, `The dashboard is at ${address}/dashboard`);
  auditBeside({ url: config.databaseUrl, dataDir: config.dataDir }, log);
}

type Started = Assembled["installed"];

/** The platforms that take events in this process. */
function startedIn({ config }: AppDeps, { installed }: Assembled): Started {
  const gateway = config.roles.includes("gateway");
  return installed.filter(({ platform }) => (platform.name === "web" ? config.roles.includes("web") : gateway));
}

function serverOf({ config, database, world, log }: AppDeps, { mounts, metrics, images }: Assembled, started: Started) {
  return createServer({
    host: config.host,
    port: config.port,
    trustedProxies: config.web.trustedProxies,
    https: config.web.publicUrl?.startsWith("https:") === true,
    metricsAccess: { ...config.web.metrics, loopback: config.web.loopback && !isPublic(config.web.publicUrl) },
    mounts: [...started.flatMap(({ mount }) => mount ?? []), ...mounts],
    metrics,
    log,
    world,
    ready: async () => ({
      database: await database.healthy(),
      disk: await images.hasSpaceFor(0),
      ...Object.fromEntries(started.map(({ platform }) => [platform.name, platform.ready()])),
    }),
  });
}

/** An address by which others come, through a proxy that need not tell of itself. */
function isPublic(publicUrl: string | undefined): boolean {
  const name = publicUrl === undefined ? "localhost" : new URL(publicUrl).hostname;
  return !["localhost", "127.0.0.1", "[::1]"].includes(name);
}

/** A terminal and npm both pass Ctrl-C on: what comes so soon after the first signal is that one again. */
const echoMs = 500;

/** The first signal stops in order and in time, the second at once; what does not end by then is recovered later. */
function stopAtSignals({ config, world, log }: AppDeps, stop: () => Promise<void>): void {
  let firstAt: number | undefined;
  async function stopInTime(signal: string): Promise<void> {
    log.info({ signal }, "stopping: nothing new is taken on");
    const late = world.sleep(config.stopTimeoutMs).then(() => log.warn({}, "stopped before everything was closed"));
    await Promise.race([stop(), late]);
    process.exit(0);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt === undefined) void stopInTime(signal);
      else if (now - firstAt > echoMs) process.exit(1);
      firstAt ??= now;
    });
  }
}
