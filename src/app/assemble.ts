import { statfs } from "node:fs/promises";
import path from "node:path";
import { terminalPlatform } from "../cli/terminal-platform.ts";
import type { Config } from "../config/config.ts";
import { databaseOf } from "../config/database.ts";
import type { Context } from "../context.ts";
import type { StepInbox } from "../contract/steps.ts";
import { createCredits, type MemberCredits } from "../credits/credits.ts";
import { operatorAccounts } from "../credits/totals.ts";
import { Refusal } from "../errors.ts";
import { createImages } from "../images/create-images.ts";
import type { Images } from "../images/images.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { createChanges } from "../jobs/changes.ts";
import { countByState, findJob } from "../jobs/queue.ts";
import { addStep } from "../jobs/steps.ts";
import type { PlatformContext } from "../platforms/platform.ts";
import { createSealer } from "../platforms/seal.ts";
import { namesRoles } from "../policy/documents.ts";
import { paused } from "../policy/rules.ts";
import { type Balances, createBalances } from "../providers/balances.ts";
import { type Breakers, createBreakers } from "../providers/breakers.ts";
import { makersOfTransparent } from "../providers/index.ts";
import { createProviders, firstOfEach, lastingName } from "../providers/offered.ts";
import type { Provider } from "../providers/provider.ts";
import { createRetirements, type Retirements } from "../providers/retirements.ts";
import { createRouter } from "../providers/router.ts";
import { serviceOf } from "../request.ts";
import { createCallbacks } from "../server/callbacks.ts";
import { createGrants } from "../server/grants.ts";
import { createLinks, type Links } from "../server/links.ts";
import { createMetrics, type Metrics, type MetricsOptions } from "../server/metrics.ts";
import { createOriginals } from "../server/originals.ts";
import { createVisitLinks } from "../server/visit-links.ts";
import { payForSeen } from "../settlement/unseen.ts";
import { createCache } from "../store/cache.ts";
import type { Database } from "../store/database.ts";
import { createInstallationStore } from "../store/installations.ts";
import { createLastingNotes } from "../store/lasting-notes.ts";
import { linkKey } from "../store/link-key.ts";
import { isPresent } from "../store/presence.ts";
import { refusalSentence, textFor } from "../text/text.ts";
import { giveFromOutside, reverseFromOutside } from "../usecases/admin/outside-grants.ts";
import { createUseCases } from "../usecases/create-usecases.ts";
import { createRetention } from "../usecases/privacy/retention.ts";
import { receiveCallback } from "../worker/receive-callback.ts";
import { createRunner } from "../worker/run.ts";
import type { Log, World } from "../world.ts";
import { createAdmission } from "./admission.ts";
import { auditOutside } from "./audit.ts";
import type { LearntSecrets } from "./learnt-secrets.ts";
import { commandsFor } from "./offered-commands.ts";
import { type InstalledPlatform, installPlatforms } from "./platforms.ts";
import { keysOfTenants, unfundedServices, withoutAccounts } from "./tenant-keys.ts";
import { visitMount } from "./visit-mount.ts";

/** The parts that a process is put together from. */
export interface AppDeps {
  readonly config: Config;
  readonly database: Database;
  readonly world: World;
  readonly log: Log;
  /** The log hides these. */
  readonly learnt?: LearntSecrets;
}

const dayMs = 86_400_000;

export type Assembled = Awaited<ReturnType<typeof assemble>>;

/** Everything of one process, wired but not started. */
export async function assemble(deps: AppDeps) {
  const { config, database, world, log } = deps;
  const tools = { world, cache: createCache(), notes: createLastingNotes(database.db, world.now) };
  const unfunded = unfundedServices(config);
  const providers = withoutAccounts(createProviders(config.providers, tools), unfunded);
  const keys = keysOfTenants(deps, tools);
  const balances = createBalances(providers, world, log);
  const breakers = createBreakers(world);
  const retirements = createRetirements(providers, world, log);
  const spool = () => context.images.size();
  const measured = { providers, balances, breakers, retirements, spool };
  const metrics = metricsOf({ config, database, world, ...measured });
  const publicUrl = config.web.publicUrl?.replace(/\/*$/, "/");
  const linkSecret = publicUrl && (await keyOfLinks({ config, database, world }));
  const context: Context = {
    ...settingsOf(config),
    ...{ database, world, log, breakers, keys, balances },
    credits: creditsOf({ config, database, world }),
    images: imagesFor(config, log),
    router: createRouter({
      ...{ providers, breakers, retirements, unfunded },
      markupPercent: config.markupPercent,
      makeTransparent: makersOfTransparent,
    }),
    callbackUrl: publicUrl === undefined ? undefined : (secret) => new URL(`callbacks/${secret}`, publicUrl).href,
    visitLinks: linkSecret ? createVisitLinks(linkSecret, new URL("visit/", publicUrl).href) : undefined,
    observer: metrics.observer,
    changes: createChanges((job) => void database.notify(job).catch(() => undefined)), // else polling tells
    platform: (name) =>
      name === terminalPlatform.name
        ? terminalPlatform
        : installed.find(({ platform }) => platform.name === name)?.platform,
    admit: createAdmission(),
    wake: (only) => runner.wake(only),
  };
  const { images, changes } = context;
  const links = linkSecret ? createLinks(linkSecret, world.now) : undefined;
  const usecases = createUseCases(context);
  const linkTo = (job: string, index: number) => links && new URL(`images/${links.sign(job, index)}`, publicUrl).href;
  const forPlatforms = { providers, usecases, cache: tools.cache, linkTo };
  const installed: readonly InstalledPlatform[] = await install(config, context, forPlatforms);
  const runner = createRunner(context, runOptionsOf(config, providers, installed));
  const pages = await visitMount(config, context, usecases);
  const mounts = [...mountsOf(context, links, config.web.grantsToken), ...pages];
  const retention = createRetention(context);
  const asked = { usecases, providers, balances, retirements, keys };
  return { ...asked, metrics, installed, runner, retention, mounts, images, changes };
}

/** The parts that only platforms are given. */
interface ForPlatforms extends Pick<PlatformContext, "usecases" | "cache" | "linkTo"> {
  readonly providers: readonly Provider[];
}

function install(config: Config, context: Context, { providers, ...parts }: ForPlatforms) {
  const { database, world, log, observer, images } = context;
  return installPlatforms(config, {
    ...parts,
    ...{ world, log, observer },
    commands: commandsFor(providers, { hasPages: context.visitLinks !== undefined }),
    installations: createInstallationStore(database, world.now),
    steps: stepInboxOf(context),
    fit: (image, limit) => images.fit(image, limit),
    namesRoles: (tenant) => namesRoles(database.db, tenant),
    audit: () => auditOutside(databaseOf(config)),
  });
}

/** Steps that this process took are done by whichever process works. */
function stepInboxOf({ database, world, wake }: Context): StepInbox {
  return {
    async add(step) {
      await addStep(database.db, step, world.now());
      wake();
      await database.notify().catch(() => undefined); // polling covers a lost notice
    },
  };
}

/** The parts that metrics are read from. */
interface Measured extends Pick<AppDeps, "config" | "database" | "world"> {
  readonly providers: readonly Provider[];
  readonly balances: Balances;
  readonly breakers: Breakers;
  readonly retirements: Retirements;
  spool: MetricsOptions["spool"];
}

/** Metrics of this process, which ask the other rooms when they are read. */
function metricsOf({ config, database, world, providers, balances, breakers, retirements, spool }: Measured): Metrics {
  const names = firstOfEach(providers).map(({ name }) => serviceOf(name));
  const rests = (name: string) => breakers.isResting(name) || breakers.isOpen(name);
  const namesOf = (service: string) => providers.filter(({ name }) => serviceOf(name) === service).map(lastingName);
  return createMetrics({
    known: { providers: names, platforms: platformsOf(config) },
    jobsByState: () => countByState(database.db),
    balances: balances.read,
    accounts: () => operatorAccounts(database.db),
    spool,
    resting: async () => Object.fromEntries(names.map((service) => [service, namesOf(service).some(rests)])),
    modelEnds: retirements.near,
    paused: () => paused({ database }),
    draws: () => isPresent(database.db, world.now()),
    diskFree: () => statfs(config.dataDir).then(({ bavail, bsize }) => bavail * bsize),
  });
}

/** The part of the context that stands in the configuration, by the names that the use cases know. */
function settingsOf(config: Config) {
  return {
    operators: config.operators,
    allowedTenants: config.allowedTenants,
    retention: config.retention,
    dailyCredits: config.userDailyCredits,
    tenantMonthly: config.tenantMonthlyCredits,
    globalDaily: config.globalDailyCredits,
    alertChannels: config.alertChannels,
    runningPerMember: config.userRunning,
    queuedPerMember: config.userQueued,
    unpaidPerMember: config.userUnpaid,
    uploadQuota: config.uploadQuota,
  };
}

/** Members' credits, with the limits that the configuration sets. */
function creditsOf({ config, database, world }: Pick<AppDeps, "config" | "database" | "world">): MemberCredits {
  return createCredits(database, world, {
    daily: config.userDailyCredits,
    tenantMonthly: config.tenantMonthlyCredits,
    globalDaily: config.globalDailyCredits,
  });
}

/** The runner works within the limits of the configuration, for the platforms that this process can post to. */
function runOptionsOf(config: Config, providers: readonly Provider[], installed: readonly InstalledPlatform[]) {
  return {
    perMember: config.userRunning,
    perProvider: Object.fromEntries(providers.map(({ name, concurrency }) => [serviceOf(name), concurrency])),
    platforms: [...installed.map(({ platform }) => platform.name), terminalPlatform.name],
    deliveryWaitMs: config.deliveryDays * dayMs,
  };
}

/** Sealed in the database when the configuration says under what. */
function keyOfLinks({ config, database, world }: Pick<AppDeps, "config" | "database" | "world">): Promise<string> {
  const { sealSecret } = config.web;
  const seal = sealSecret === undefined ? undefined : createSealer(sealSecret);
  return linkKey(database.db, { key: world.secret(32), now: world.now() }, seal);
}

/** Paths that outsiders reach: callbacks of services, and originals where there are links to them. */
function mountsOf(context: Context, links: Links | undefined, grantsToken: string | undefined) {
  return [
    { path: "/callbacks", handler: createCallbacks((secret, body) => receiveCallback(context, secret, body)) },
    ...(links
      ? [{ path: "/images", handler: createOriginals(links, originalsOf(context), (locale) => textFor(locale).server) }]
      : []),
    ...(grantsToken === undefined ? [] : [{ path: "/api/grants", handler: grantsOf(context, grantsToken) }]),
  ];
}

function grantsOf(context: Context, token: string) {
  const { world, log } = context;
  return createGrants({
    ...{ token, world, log },
    give: (order) => giveFromOutside(context, order),
    reverse: (key, source) => reverseFromOutside(context, key, source),
    explain: (error) =>
      error instanceof Refusal ? { code: error.code, message: refusalSentence(textFor("en"), error) } : undefined,
  });
}

/** The platforms that jobs of this installation may come from, as metrics name them. */
function platformsOf({ discord, slack }: Config): string[] {
  return [...(discord ? ["discord"] : []), ...(slack ? ["slack"] : []), "web", terminalPlatform.name];
}

/** The images on the disk of this machine, and where they are shared, if anywhere. */
export function imagesFor(config: Config, log: Log): Images {
  const directory = path.join(config.dataDir, "spool");
  const { trustedOrigins, spool: shared, proxies, marksOrigin } = config;
  return createImages({ directory, trustedOrigins, shared, proxies, log, marksOrigin });
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
