import path from "node:path";
import pLimit from "p-limit";
import type { Context } from "../../../src/context.ts";
import type { Observer } from "../../../src/contract/observer.ts";
import type { UseCases } from "../../../src/contract/usecases.ts";
import { type CreditPolicy, createCredits } from "../../../src/credits/credits.ts";
import type { ImageSink } from "../../../src/image.ts";
import { createImages } from "../../../src/images/create-images.ts";
import { createChanges } from "../../../src/jobs/changes.ts";
import { createBreakers } from "../../../src/providers/breakers.ts";
import { createRouter } from "../../../src/providers/router.ts";
import type { Database } from "../../../src/store/database.ts";
import { createUseCases } from "../../../src/usecases/create-usecases.ts";
import { receiveCallback } from "../../../src/worker/receive-callback.ts";
import { createRunner, type Runner } from "../../../src/worker/run.ts";
import { testTenantKeys } from "../tenant-keys.ts";
import { type TestWorld, testLog } from "../world.ts";
import { borderedDatabase, borderedImages, borderedWorld } from "./borders.ts";
import type { ChaosChannel } from "./channel.ts";
import type { Lane, Scheduler } from "./scheduler.ts";
import type { ChaosService } from "./service.ts";

/** Holds what all simulated processes share. */
export interface Deps {
  readonly database: Database;
  readonly folder: string;
  readonly world: TestWorld;
  readonly scheduler: Scheduler;
  readonly service: ChaosService;
  readonly channel: ChaosChannel;
  readonly policy: CreditPolicy;
  /** Every file that any of them began to write. */
  readonly sinks: Set<ImageSink>;
}

/** A whole bot in memory, without platforms and servers, that can be dropped at any step. */
export interface ChaosProcess {
  readonly lane: Lane;
  readonly room: Context;
  readonly usecases: UseCases;
  readonly runner: Runner;
  /** Somebody posts to the address of a call. */
  callback(secret: string, body: string): Promise<boolean>;
}

/** Jobs of one member at a time, and calls of each service. */
export const limits = {
  perMember: 1,
  perProvider: { service: 2, second: 2, tasks: 2 },
  queuedPerMember: 3,
  unpaidPerMember: 6,
} as const;

export const callbackPrefix = "https://atelier.test/callbacks/";

/** Takes no note of anything that is reported. */
const deafObserver: Observer = {
  callEnded: () => undefined,
  acknowledged: () => undefined,
  jobEnded: () => undefined,
  budgetLow: () => undefined,
  unknown: () => undefined,
  cameLate: () => undefined,
};

export function startProcess(name: string, around: Deps): ChaosProcess {
  const { scheduler, folder } = around;
  const lane = scheduler.lane(name);
  const world = borderedWorld(around.world, lane);
  const log = testLog();
  const database = borderedDatabase(around.database, lane);
  const breakers = createBreakers(world);
  const providers = Object.keys(limits.perProvider).map((service) => around.service.adapter(service, lane, world));
  const poster = around.channel.poster(lane);
  const context: Context = {
    ...{ database, world, log, breakers },
    keys: testTenantKeys({ database, world }),
    operators: [],
    allowedTenants: undefined,
    retention: { contentDays: 0, referenceDays: 0 },
    dailyCredits: around.policy.daily,
    tenantMonthly: around.policy.tenantMonthly,
    globalDaily: around.policy.globalDaily,
    alertChannels: [],
    balances: { read: async () => ({}) },
    runningPerMember: limits.perMember,
    queuedPerMember: limits.queuedPerMember,
    unpaidPerMember: limits.unpaidPerMember,
    uploadQuota: { hourlyBytes: 1_000_000_000, storedBytes: 1_000_000_000 },
    credits: createCredits(database, world, around.policy),
    images: borderedImages(
      createImages({ directory: path.join(folder, "spool"), trustedOrigins: [], log }),
      lane,
      around.sinks,
    ),
    router: createRouter({ providers, markupPercent: 0, breakers }),
    callbackUrl: (secret) => `${callbackPrefix}${secret}`,
    changes: createChanges(),
    observer: deafObserver,
    platform: () => poster,
    wake: (only) => runner.wake(only),
    admit: pLimit(6),
  };
  const runner = createRunner(context, { ...limits, platforms: ["test"], deliveryWaitMs: 7 * 86_400_000 });
  void runner.start();
  return {
    lane,
    room: context,
    usecases: createUseCases(context),
    runner,
    callback: (secret, body) => receiveCallback(context, secret, body),
  };
}
