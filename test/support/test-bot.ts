import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Context, Retention } from "../../src/context.ts";
import { type Delivered, type Delivery, DeliveryDelayed } from "../../src/contract/delivery.ts";
import type { Observer } from "../../src/contract/observer.ts";
import { type Caller, isFinal, type JobView, type UseCases } from "../../src/contract/usecases.ts";
import { type CreditPolicy, createCredits } from "../../src/credits/credits.ts";
import { createImages } from "../../src/images/create-images.ts";
import { createChanges } from "../../src/jobs/changes.ts";
import { createBreakers } from "../../src/providers/breakers.ts";
import type { Provider, ProviderTools } from "../../src/providers/provider.ts";
import { createRouter } from "../../src/providers/router.ts";
import { audit } from "../../src/store/audit.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { createRunner, type Runner } from "../../src/worker/run.ts";
import { type ScriptedProvider, scriptedProvider } from "./services/scripted-provider.ts";
import { memoryCache, type TestLog, type TestWorld, testLog, testWorld } from "./world.ts";

/** Use cases over a real store, real files and a scripted service, with a platform that remembers what was posted. */
export interface TestBot {
  readonly context: Context;
  readonly usecases: UseCases;
  readonly database: Database;
  readonly provider: ScriptedProvider;
  /** Is preferred less. */
  readonly second: ScriptedProvider;
  readonly world: TestWorld;
  readonly log: TestLog;
  readonly folder: string;
  readonly posted: Delivery[];
  /** What the platform answers next; after the last one, it posts. */
  readonly answers: (Delivered | Error)[];
  /** While it is away it takes nothing, and cannot be asked. */
  readonly platform: { isAway: boolean; readonly givenUp: Delivery[] };
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
  readonly queuedPerMember?: number;
  readonly retention?: Retention;
  /** Another service behind the first. */
  readonly second?: boolean;
  /** Images by one call of the first service. */
  readonly maxCount?: number;
  /** Real adapters instead of the scripted services. */
  readonly providers?: (tools: ProviderTools) => readonly Provider[];
  /** Services may call back, by default. */
  readonly reachable?: boolean;
  /** Where they may fetch images. */
  readonly trustedOrigins?: readonly string[];
}

export async function openRoom(options: RoomOptions = {}): Promise<TestBot> {
  const policy: CreditPolicy = { daily: 5000, tenantMonthly: undefined, globalDaily: undefined, ...options };
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-room-"));
  const world = testWorld();
  const log = testLog();
  const provider = scriptedProvider("service", 4, options.maxCount);
  const second = scriptedProvider("second");
  const breakers = createBreakers(world);
  const scripted = options.second ? [provider, second] : [provider];
  const providers =
    options.providers?.({ world: { ...world, sleep: () => new Promise(setImmediate) }, cache: memoryCache() }) ??
    scripted;
  const database = options.database ?? (await openDatabase({ dataDir: folder }));
  const posted: Delivery[] = [];
  const answers: TestBot["answers"] = [];
  const platform: TestBot["platform"] = { isAway: false, givenUp: [] };
  const ended: TestBot["ended"] = [];
  const budgetsLow: TestBot["budgetsLow"] = [];
  const unknowns: TestBot["unknowns"] = [];
  const lateResults: TestBot["lateResults"] = [];
  const runners: Runner[] = [];
  const context: Context = {
    database,
    world,
    log,
    operators: ["operator-1"],
    retention: options.retention ?? { contentDays: 30, referenceDays: 7 },
    tenantMonthly: policy.tenantMonthly,
    balances: { read: async () => ({ service: { amount: 12, unit: "USD", low: false } }) },
    runningPerMember: 1,
    queuedPerMember: options.queuedPerMember ?? 10,
    credits: createCredits(database, world, policy),
    images: createImages({ directory: path.join(folder, "spool"), trustedOrigins: options.trustedOrigins ?? [], log }),
    router: createRouter({ providers, markupPercent: 0, breakers }),
    breakers,
    callbackUrl: options.reachable === false ? undefined : (secret) => `https://atelier.test/callbacks/${secret}`,
    changes: createChanges(),
    observer: {
      callEnded: () => undefined,
      acknowledged: () => undefined,
      unknown: (facts) => void unknowns.push(facts),
      cameLate: (facts) => void lateResults.push(facts),
      budgetLow: (facts) => void budgetsLow.push(facts),
      jobEnded: (facts) => void ended.push(facts),
    },
    platform: () => ({
      async ping() {
        if (platform.isAway) throw new Error("connect ECONNREFUSED");
      },
      tellUndeliverable: async (delivery) => void platform.givenUp.push(delivery),
      async deliver(delivery) {
        if (platform.isAway) throw new DeliveryDelayed("connect ECONNREFUSED", 1000);
        posted.push(delivery);
        const answer = answers.shift() ?? { route: "channel", message: `message-${posted.length}` };
        if (answer instanceof Error) throw answer;
        return answer;
      },
    }),
    wake: () => {
      for (const runner of runners) runner.wake();
    },
  };
  const usecases = createUseCases(context);
  let inbound = 0;
  return {
    context: context,
    usecases,
    database,
    provider,
    second,
    world,
    log,
    folder,
    posted,
    answers,
    platform,
    ended,
    budgetsLow,
    unknowns,
    lateResults,
    caller: (member = "member-1", given = {}) => ({
      platform: "test",
      tenant: "guild",
      member,
      name: member,
      locale: "en",
      replyTarget: "{}",
      inbound: `test:${++inbound}`,
      ...given,
    }),
    async work() {
      const perProvider = Object.fromEntries(providers.map(({ name, concurrency }) => [name, concurrency]));
      const runner = createRunner(context, {
        perMember: 1,
        perProvider,
        platforms: ["test"],
        deliveryWaitMs: 7 * 86_400_000,
      });
      runners.push(runner);
      await runner.start();
      return runner;
    },
    async end(job) {
      for await (const view of usecases.watch(job.id, new AbortController().signal)) {
        if (isFinal(view.state)) return view;
      }
      throw new Error("watching ended before the job did");
    },
    async balance(member = "member-1") {
      const { available, held } = await context.credits.statement(member, 0);
      return { available, held };
    },
    async close() {
      await Promise.all(runners.map((runner) => runner.stop()));
      const findings = await audit(database.db);
      if (!options.database) await database.close();
      rmSync(folder, { recursive: true });
      if (findings.length > 0) throw new Error(`the books are wrong: ${JSON.stringify(findings)}`);
    },
  };
}
