import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Observer } from "../contract/observer.ts";

export interface MetricsOptions {
  /** Asked anew for each page of metrics. */
  jobsByState(): Promise<Readonly<Record<string, number>>>;
  /** By service, in its own unit; asked anew likewise. */
  balances(): Promise<Readonly<Record<string, BalanceLeft>>>;
  /** What lies in the operator's and the services' accounts of the ledger, in credits. */
  accounts(): Promise<Readonly<Record<string, number>>>;
  /** Images on this machine's disk. */
  spool(): Promise<{ readonly files: number; readonly bytes: number }>;
  /** Bytes that this process may still write where it keeps its data. */
  diskFree(): Promise<number>;
}

interface BalanceLeft {
  readonly amount: number;
  readonly unit: string;
  /** True when it is time to pay in. */
  readonly low: boolean;
}

export interface Metrics {
  /** What the other rooms report to. */
  readonly observer: Observer;
  readonly contentType: string;
  /** From now on the page tells what `/readyz` tells, by the name of what is checked. */
  tellReadiness(ready: () => Promise<Readonly<Record<string, boolean>>>): void;
  /** The page that Prometheus reads; never rejects: `atelier_jobs` is absent while jobs cannot be counted. */
  text(): Promise<string>;
}

/** Paid calls take seconds to minutes, waits up to hours, acknowledgements must stay under Discord's 3 s. */
const callSeconds = [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
const waitSeconds = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];
const acknowledgeSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5];

/** Prometheus metrics of this process, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  askedGauges(registry, options);
  return {
    observer: createObserver(registry),
    contentType: registry.contentType,
    tellReadiness: (ready) =>
      askedGauge(
        registry,
        { name: "atelier_ready", help: "1 when it is connected and answers, else 0.", labelNames: ["check"] },
        async () => Object.entries(await ready()).map(([check, good]) => [{ check }, Number(good)] as const),
      ),
    text: () => registry.metrics(),
  };
}

/** A gauge that is asked anew for each page, and absent while nobody can tell: the other metrics matter most then. */
function askedGauge<Label extends string>(
  registry: Registry,
  about: { name: string; help: string; labelNames: Label[] },
  ask: () => Promise<readonly (readonly [Partial<Record<Label, string>>, number])[]>,
): void {
  new Gauge({
    ...about,
    registers: [registry],
    async collect() {
      const values = await ask().catch(() => []);
      this.reset();
      for (const [labels, value] of values) this.set(labels, value);
    },
  });
}

function askedGauges(registry: Registry, options: MetricsOptions): void {
  askedGauge(registry, { name: "atelier_jobs", help: "Jobs by state.", labelNames: ["state"] }, async () =>
    Object.entries(await options.jobsByState()).map(([state, count]) => [{ state }, count] as const),
  );
  askedGauge(
    registry,
    {
      name: "atelier_provider_balance",
      help: "What is left at a service, in its own unit.",
      labelNames: ["provider", "unit"],
    },
    async () =>
      Object.entries(await options.balances()).map(
        ([provider, { amount, unit }]) => [{ provider, unit }, amount] as const,
      ),
  );
  askedGauge(
    registry,
    {
      name: "atelier_provider_balance_low",
      help: "1 when it is time to pay in there, else 0.",
      labelNames: ["provider"],
    },
    async () =>
      Object.entries(await options.balances()).map(([provider, { low }]) => [{ provider }, Number(low)] as const),
  );
  askedGauge(
    registry,
    {
      name: "atelier_account_credits",
      help: "Credits in the operator's and the services' accounts of the ledger: provider:NAME is what a service charged.",
      labelNames: ["account"],
    },
    async () => Object.entries(await options.accounts()).map(([account, credits]) => [{ account }, credits] as const),
  );
  askedGauge(
    registry,
    { name: "atelier_spool_bytes", help: "Images on this machine's disk, in bytes.", labelNames: [] },
    async () => [[{}, (await options.spool()).bytes]],
  );
  askedGauge(
    registry,
    { name: "atelier_disk_free_bytes", help: "What can still be written into DATA_DIR, in bytes.", labelNames: [] },
    async () => [[{}, await options.diskFree()]],
  );
}

function createObserver(registry: Registry): Observer {
  const registers = [registry];
  return {
    ...observeCalls(registers),
    ...observeJobs(registers),
    ...observeBudgets(registers),
    ...observeUnknown(registers),
    ...observeUnpaid(registers),
    ...observeAcknowledgements(registers),
  };
}

function observeCalls(registers: Registry[]): Pick<Observer, "callEnded"> {
  const calls = new Counter({
    name: "atelier_calls_total",
    help: "Paid calls that ended, by provider and outcome.",
    labelNames: ["provider", "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "atelier_call_seconds",
    help: "How long paid calls took.",
    labelNames: ["provider"],
    buckets: callSeconds,
    registers,
  });
  return {
    callEnded({ provider, outcome, ms }) {
      calls.inc({ provider, outcome });
      duration.observe({ provider }, ms / 1000);
    },
  };
}

function observeJobs(registers: Registry[]): Pick<Observer, "jobEnded"> {
  const ended = new Counter({
    name: "atelier_jobs_ended_total",
    help: "Jobs that reached a final state.",
    labelNames: ["platform", "state"],
    registers,
  });
  const waits = new Histogram({
    name: "atelier_queue_wait_seconds",
    help: "How long ended jobs had waited before they were started.",
    buckets: waitSeconds,
    registers,
  });
  const credits = new Counter({
    name: "atelier_credits_charged_total",
    help: "Credits charged to members.",
    registers,
  });
  return {
    jobEnded({ platform, state, waitedMs, charged }) {
      ended.inc({ platform, state });
      waits.observe(waitedMs / 1000);
      credits.inc(charged);
    },
  };
}

function observeUnknown(registers: Registry[]): Pick<Observer, "unknown" | "cameLate"> {
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames: ["provider"], registers });
  const refunds = counter(
    "atelier_unknown_refunds_total",
    "Jobs given back for free because the outcome of a call is unknown.",
  );
  const credits = counter("atelier_unknown_credits_total", "What those calls may have cost, in credits.");
  const remarkable = counter("atelier_unknown_refunds_remarkable_total", "Those of members who had many within a day.");
  const late = counter("atelier_late_results_total", "Jobs whose images came after all and were posted for free.");
  return {
    unknown(facts) {
      const { provider } = facts;
      refunds.inc({ provider });
      credits.inc({ provider }, facts.estimate);
      if (facts.remarkable) remarkable.inc({ provider });
    },
    cameLate: ({ provider }) => late.inc({ provider }),
  };
}

function observeUnpaid(registers: Registry[]): Pick<Observer, "unpaid" | "refusedUnpaid"> {
  const results = new Counter({
    name: "atelier_unpaid_jobs_total",
    help: "Jobs that ended unpaid: posted nowhere and not looked at yet, come late, or of unknown outcome.",
    labelNames: ["reason"],
    registers,
  });
  const refusals = new Counter({
    name: "atelier_unpaid_refusals_total",
    help: "How often a member was refused for too many unpaid jobs within a day.",
    registers,
  });
  for (const reason of ["undeliverable", "late", "unknown"]) results.inc({ reason }, 0);
  return { unpaid: ({ reason }) => results.inc({ reason }), refusedUnpaid: () => refusals.inc() };
}

function observeBudgets(registers: Registry[]): Pick<Observer, "budgetLow"> {
  const low = new Counter({
    name: "atelier_budget_low_total",
    help: "How often four fifths of a budget were reached, by whose budget it is.",
    labelNames: ["scope"],
    registers,
  });
  return { budgetLow: ({ scope }) => low.inc({ scope }) };
}

function observeAcknowledgements(registers: Registry[]): Pick<Observer, "acknowledged" | "unacknowledged"> {
  const duration = new Histogram({
    name: "atelier_acknowledge_seconds",
    help: "How long members waited for the first answer to a command.",
    labelNames: ["platform"],
    buckets: acknowledgeSeconds,
    registers,
  });
  const missed = new Counter({
    name: "atelier_unacknowledged_total",
    help: "Events that were not acknowledged, by the platform's own code: nothing was started for them.",
    labelNames: ["platform", "code"],
    registers,
  });
  return {
    acknowledged: ({ platform, ms }) => duration.observe({ platform }, ms / 1000),
    unacknowledged: ({ platform, code }) => missed.inc({ platform, code: String(code) }),
  };
}
