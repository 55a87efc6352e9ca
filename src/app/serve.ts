import { createLocalApi } from "../cli/local-api.ts";
import { type LocalApiServer, startLocalApiServer } from "../cli/local-api-server.ts";
import { databaseOf } from "../config/database.ts";
import { createServer, type HttpServer } from "../server/server.ts";
import { textFor } from "../text/text.ts";
import { type AppDeps, type Assembled, assemble } from "./assemble.ts";
import { auditBeside } from "./audit.ts";
import { releaseStart } from "./release-start.ts";
import { watchWorkers } from "./watch-workers.ts";

/** This part of the time to stop is for the work that runs; the rest is for closing what it used. */
const partForWork = 2 / 3;

/** Starts the bot, in its roles; it stops at SIGTERM. Resolves once every platform is connected, however long that takes. */
export async function serve(deps: AppDeps): Promise<void> {
  const { config, log } = deps;
  const assembled = await assemble(deps);
  const { providers } = assembled;
  const started = startedIn(deps, assembled);
  const server = serverOf(deps, assembled, started);
  const watching = new AbortController();
  const local: { api?: LocalApiServer } = {};
  const stop = () => stopAll(deps, assembled, { started, server, watching, local });
  stopAtSignals(deps, stop);

  // What can fail comes before the first paid call: a start that fails must not cut one off.
  const port = await server.start();
  // PostgreSQL serves commands of a terminal by itself; the embedded database is open in this process only.
  if (deps.database.engine === "sqlite") local.api = await startLocalApi(deps, assembled);
  await deps.database.listen((heard) => {
    if (heard === "") assembled.runner.wake();
    else if (heard === "calls") assembled.runner.wake(heard);
    else assembled.changes.hear(heard);
  });
  const address = `http://${config.host}:${port}`;
  const facts = { platforms: started.map(({ platform }) => platform.name), providers: providers.map(nameOf), address };
  const connecting = connect(started, log);
  await startWork(deps, assembled, watching.signal);
  log.info(facts, "Atelier has started");
  if (config.web.password && config.roles.includes("web")) log.info({}, `The dashboard is at ${address}/dashboard`);
  const audited = auditBeside(databaseOf(config), log);
  const { refused, connected } = await connecting;
  if (config.playground) log.info({}, `The playground is open at ${address}`);
  if (config.roles.includes("worker") && refused.length === 0) await assembled.runner.reached();
  if (refused.length === 0) log.info(facts, "Atelier is ready");
  else if (!connected.some((name) => name !== "web")) {
    await stop(); // nobody can ask for anything; what was begun comes to its end first
    throw new Error(refused.join("\n"));
  }
  void audited.then(releaseStart);
}

const nameOf = ({ name }: { readonly name: string }) => name;

async function startWork(deps: AppDeps, { runner, balances, retirements, retention }: Assembled, signal: AbortSignal) {
  if (deps.config.roles.includes("worker")) {
    await runner.start();
    void balances.watch(signal);
  } else void watchWorkers(deps, signal);
  void retirements.watch(signal); // each process chooses services by itself
  retention.start(); // in every role: each process may have a disk of its own
}

function startLocalApi({ config, world, log }: AppDeps, { usecases }: Assembled): Promise<LocalApiServer> {
  return startLocalApiServer({ api: createLocalApi(usecases), dataDir: config.dataDir, world, log });
}

/**
 * Starts the platforms side by side: each tries on by itself while it is away, and one that is away keeps nobody waiting.
 * `refused` are the sentences of those that only the operator can help.
 */
async function connect(started: Started, log: AppDeps["log"]) {
  const refused: string[] = [];
  const connected: string[] = [];
  const starting = started.map(async ({ platform }) => {
    try {
      await platform.start();
      connected.push(platform.name);
    } catch (error) {
      log.error({ platform: platform.name, err: error }, "platform not started: the operator must act");
      refused.push(error instanceof Error ? error.message : String(error));
    }
  });
  await Promise.all(starting);
  return { refused, connected };
}

interface Running {
  readonly started: Started;
  readonly server: HttpServer;
  readonly watching: AbortController;
  readonly local: { readonly api?: LocalApiServer };
}

async function stopAll({ config, database, world }: AppDeps, assembled: Assembled, running: Running): Promise<void> {
  const { retention, runner, providers, keys } = assembled;
  const { started, server, watching, local } = running;
  const work = [retention.stop(), runner.stop(), ...started.map(({ platform }) => platform.stop())];
  await Promise.race([Promise.all(work), world.sleep(config.stopTimeoutMs * partForWork)]);
  watching.abort();
  await Promise.all([local.api?.stop(), server.stop(), ...providers.map((provider) => provider.close()), keys.close()]);
  await database.close();
}

type Started = Assembled["installed"];

/** The platforms that take events in this process. */
function startedIn({ config }: AppDeps, { installed }: Assembled): Started {
  const gateway = config.roles.includes("gateway");
  return installed.filter(({ platform }) => (platform.name === "web" ? config.roles.includes("web") : gateway));
}

/** Events arrive, and results can be posted: what of the two this process does. */
function platformChecks({ config }: AppDeps, { installed, runner }: Assembled, started: Started) {
  const posts = config.roles.includes("worker");
  const checked = posts ? installed : started;
  return checked.map(({ platform }) => {
    const listens = !started.some((each) => each.platform === platform) || platform.ready();
    return [platform.name, listens && (!posts || runner.reaches(platform.name))] as const;
  });
}

function serverOf(deps: AppDeps, assembled: Assembled, started: Started): HttpServer {
  const { config, database, world, log } = deps;
  const { mounts, metrics, images } = assembled;
  return createServer({
    host: config.host,
    port: config.port,
    trustedProxies: config.web.trustedProxies,
    https: config.web.publicUrl?.startsWith("https:") === true,
    metricsAccess: { ...config.web.metrics, loopback: config.web.loopback && !isPublic(config.web.publicUrl) },
    mounts: [...started.flatMap(({ mount }) => mount ?? []), ...mounts],
    metrics,
    sentences: (locale) => textFor(locale).server,
    log,
    world,
    ready: async () => ({
      database: await database.healthy(),
      disk: await images.hasSpaceFor(0),
      ...Object.fromEntries(platformChecks(deps, assembled, started)),
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
