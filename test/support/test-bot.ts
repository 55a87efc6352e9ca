import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pLimit from "p-limit";
import type { Context, Retention, UploadQuota } from "../../src/context.ts";
import type { ChannelMessage, ChannelPosted } from "../../src/contract/channel-messages.ts";
import { type Delivered, type Delivery, DeliveryDelayed } from "../../src/contract/delivery.ts";
import type { Observer } from "../../src/contract/observer.ts";
import { type Caller, isFinal, type JobView } from "../../src/contract/usecases.ts";
import { type CreditPolicy, createCredits } from "../../src/credits/credits.ts";
import { createImages } from "../../src/images/create-images.ts";
import { createChanges } from "../../src/jobs/changes.ts";
import { createBreakers } from "../../src/providers/breakers.ts";
import type { Provider, ProviderTools } from "../../src/providers/provider.ts";
import { createRetirements } from "../../src/providers/retirements.ts";
import { createRouter } from "../../src/providers/router.ts";
import { createVisitLinks } from "../../src/server/visit-links.ts";
import { audit } from "../../src/store/audit.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import type { KeySeal } from "../../src/store/key-seal.ts";
import { createLastingNotes } from "../../src/store/lasting-notes.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { createRunner, type Runner } from "../../src/worker/run.ts";
import { type OrderingUseCases, withOrders } from "./orders.ts";
import { type ScriptedProvider, scriptedProvider } from "./services/scripted-provider.ts";
import { testKeySeal, testTenantKeys } from "./tenant-keys.ts";
import { memoryCache, type TestLog, type TestWorld, testLog, testWorld } from "./world.ts";

/** Use cases over a real store, real files and a scripted service, with a platform that remembers what was posted. */
export interface TestBot {
  readonly context: Context;
  readonly usecases: OrderingUseCases;
  readonly database: Database;
  readonly provider: ScriptedProvider;
  /** Is preferred less. */
  readonly second: ScriptedProvider;
  readonly world: TestWorld;
  readonly log: TestLog;
  readonly folder: string;
  readonly posted: Delivery[];
  /** The platform answers with these in turn; after the last one, it posts. */
  readonly answers: (Delivered | Error | Promise<Delivered>)[];
  /** Messages in channels that admins named, in the order in which they were posted. */
  readonly channelPosts: ChannelMessage[];
  /** The channel answers with these in turn; after the last one, it takes what comes. */
  readonly channelAnswers: (ChannelPosted | Error)[];
  /** While it is away it takes nothing, and cannot be asked. */
  readonly platform: {
    isAway: boolean;
    readonly givenUp: Delivery[];
    /** The messages that were to be deleted. */
    readonly erased: { readonly messages: readonly string[]; readonly tenant: string }[];
  };
  readonly ended: Parameters<Observer["jobEnded"]>[0][];
  readonly unknowns: Parameters<Observer["unknown"]>[0][];
  readonly lateResults: Parameters<Observer["cameLate"]>[0][];
  readonly budgetsLow: Parameters<Observer["budgetLow"]>[0][];
  caller(member?: string, given?: Partial<Caller>): Caller;
  /** A process that works: started now, stopped with the room. */
  work(): Promise<Runner>;
  /** The job once it is final and told. */
  end(job: JobView): Promise<JobView>;
  balance(member?: string): Promise<{ available: number; held: number }>;
  close(): Promise<void>;
}

export interface RoomOptions extends Partial<CreditPolicy> {
  /** Instead of a new SQLite file; whoever gives it closes it. */
  readonly database?: Database;
  readonly alertChannels?: Context["alertChannels"];
  readonly queuedPerMember?: number;
  /** Undefined: all. */
  readonly allowedTenants?: readonly string[];
  readonly unpaidPerMember?: number;
  readonly uploadQuota?: UploadQuota;
  readonly retention?: Retention;
  /** Another service behind the first. */
  readonly second?: boolean;
  /** Images by one call of the first service. */
  readonly maxCount?: number;
  /** The first service by the key of a tenant; there is no way to bring keys by default. */
  readonly keyed?: (service: string, key: string) => readonly Provider[];
  /** Instead of the one of tests. */
  readonly keySeal?: KeySeal | undefined;
  /** Services that the operator has no key for. */
  readonly unfunded?: readonly string[];
  /** Real adapters instead of the scripted services. */
  readonly providers?: (tools: ProviderTools) => readonly Provider[];
  /** Services may call back, by default. */
  readonly reachable?: boolean;
  /** The address of the pages that members come to by links; they have none by default. */
  readonly pages?: string;
  /** Where they may fetch images. */
  readonly trustedOrigins?: readonly string[];
}

/** Records what a platform that only remembers has been given, and what was measured. */
type Record = Pick<
  TestBot,
  | "platform"
  | "posted"
  | "answers"
  | "channelPosts"
  | "channelAnswers"
  | "ended"
  | "unknowns"
  | "lateResults"
  | "budgetsLow"
>;

export async function openRoom(options: RoomOptions = {}): Promise<TestBot> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-room-"));
  const database = options.database ?? (await openDatabase({ dataDir: folder }));
  const [world, log] = [testWorld(), testLog()];
  const [provider, second] = [scriptedProvider("service", 4, options.maxCount), scriptedProvider("second")];
  const notes = createLastingNotes(database.db, world.now);
  const tools = { world: { ...world, sleep: () => new Promise<void>(setImmediate) }, cache: memoryCache(), notes };
  const providers = options.providers?.(tools) ?? (options.second ? [provider, second] : [provider]);
  const record = createRecord();
  const runners: Runner[] = [];
  const wake: Context["wake"] = (only) => {
    for (const runner of runners) runner.wake(only);
  };
  const context = createContext(options, { database, world, log, folder, providers, record, wake });
  const usecases = withOrders(createUseCases(context));
  return {
    context,
    usecases,
    database,
    provider,
    second,
    world,
    log,
    folder,
    ...record,
    caller: createCallers(),
    async work() {
      const runner = runnerOf(context, providers);
      runners.push(runner);
      await runner.start();
      return runner;
    },
    end: (job) => endOf(job, usecases),
    balance: async (member = "member-1") => {
      const { available, held } = await context.credits.statement(member, 0);
      return { available, held };
    },
    async close() {
      await Promise.all(runners.map((runner) => runner.stop()));
      const findings = await audit(database.db);
      if (!options.database) await database.close();
      rmSync(folder, { recursive: true });
      if (findings.length > 0) throw new Error(`the ledger is inconsistent: ${JSON.stringify(findings)}`);
    },
  };
}

/** A worker for one job of a member at a time, with as many calls as each service takes. */
function runnerOf(context: Context, providers: readonly Provider[]): Runner {
  const perProvider = Object.fromEntries(providers.map(({ name, concurrency }) => [name, concurrency]));
  return createRunner(context, { perMember: 1, perProvider, platforms: ["test"], deliveryWaitMs: 7 * 86_400_000 });
}

async function endOf(job: JobView, usecases: OrderingUseCases): Promise<JobView> {
  for await (const view of usecases.watch(job.id, new AbortController().signal)) {
    if (isFinal(view.state)) return view;
  }
  throw new Error("watching ended before the job did");
}

interface ContextParts extends Pick<TestBot, "database" | "world" | "log" | "folder"> {
  readonly providers: readonly Provider[];
  readonly record: Record;
  wake(): void;
}

function createContext(options: RoomOptions, parts: ContextParts): Context {
  const { database, world, log, folder, providers, record, wake } = parts;
  const policy: CreditPolicy = { daily: 5000, tenantMonthly: undefined, globalDaily: undefined, ...options };
  const breakers = createBreakers(world);
  return {
    database,
    world,
    log,
    operators: ["operator-1"],
    allowedTenants: options.allowedTenants,
    retention: options.retention ?? { contentDays: 30, referenceDays: 7 },
    dailyCredits: policy.daily,
    tenantMonthly: policy.tenantMonthly,
    globalDaily: policy.globalDaily,
    alertChannels: options.alertChannels ?? [],
    balances: { read: async () => ({ service: { amount: 12, unit: "USD", low: false } }) },
    runningPerMember: 1,
    queuedPerMember: options.queuedPerMember ?? 10,
    uploadQuota: options.uploadQuota ?? { hourlyBytes: 1_000_000_000, storedBytes: 1_000_000_000 },
    unpaidPerMember: options.unpaidPerMember ?? 100,
    credits: createCredits(database, world, policy),
    images: createImages({ directory: path.join(folder, "spool"), trustedOrigins: options.trustedOrigins ?? [], log }),
    router: createRouter({
      providers,
      markupPercent: 0,
      breakers,
      unfunded: options.unfunded ?? [],
      retirements: createRetirements(providers, world, log),
    }),
    breakers,
    keys: testTenantKeys({
      ...{ database, world, create: options.keyed },
      seal: "keySeal" in options ? options.keySeal : options.keyed && testKeySeal(),
    }),
    callbackUrl: options.reachable === false ? undefined : (secret) => `https://atelier.test/callbacks/${secret}`,
    visitLinks: options.pages ? createVisitLinks("secret", options.pages) : undefined,
    changes: createChanges(),
    observer: {
      callEnded: () => undefined,
      acknowledged: () => undefined,
      unknown: (facts) => void record.unknowns.push(facts),
      cameLate: (facts) => void record.lateResults.push(facts),
      budgetLow: (facts) => void record.budgetsLow.push(facts),
      jobEnded: (facts) => void record.ended.push(facts),
    },
    platform: () => rememberingPlatform(record),
    wake,
    admit: pLimit(6),
  };
}

function createRecord(): Record {
  const platform = { isAway: false, givenUp: [], erased: [] };
  return {
    platform,
    posted: [],
    answers: [],
    channelPosts: [],
    channelAnswers: [],
    ended: [],
    unknowns: [],
    lateResults: [],
    budgetsLow: [],
  };
}

/** Callers of events that are all different. */
function createCallers(): TestBot["caller"] {
  let inbound = 0;
  return (member = "member-1", given = {}) => ({
    platform: "test",
    tenant: "guild",
    member,
    name: member,
    locale: "en",
    replyTarget: "{}",
    inbound: `test:${++inbound}`,
    ...given,
  });
}

function rememberingPlatform(record: Record): ReturnType<Context["platform"]> {
  return {
    async ping() {
      if (record.platform.isAway) throw new Error("connect ECONNREFUSED");
    },
    tellUndeliverable: async (delivery) => void record.platform.givenUp.push(delivery),
    eraseMessages: async (messages, tenant) => void record.platform.erased.push({ messages, tenant }),
    async postToChannel(message) {
      if (record.platform.isAway) throw new DeliveryDelayed("connect ECONNREFUSED", 1000);
      record.channelPosts.push(message);
      const answer = record.channelAnswers.shift() ?? {
        message: message.earlier ?? `told-${record.channelPosts.length}`,
      };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async deliver(delivery) {
      if (record.platform.isAway) throw new DeliveryDelayed("connect ECONNREFUSED", 1000);
      record.posted.push(delivery);
      const answer = record.answers.shift() ?? { route: "channel", message: `message-${record.posted.length}` };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}
