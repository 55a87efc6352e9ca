import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Observer } from "../usecases/observer.ts";

export interface MetricsOptions {
  /** Asked anew for each page of metrics. */
  jobsByState(): Promise<Readonly<Record<string, number>>>;
  /** By service, in its own unit; asked anew likewise. */
  balances(): Promise<Readonly<Record<string, { readonly amount: number; readonly unit: string }>>>;
}

export interface Metrics {
  /** What the other rooms report to. */
  readonly observer: Observer;
  readonly contentType: string;
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
  jobsGauge(registry, options);
  balanceGauge(registry, options);
  return {
    observer: createObserver(registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function jobsGauge(registry: Registry, options: MetricsOptions): void {
  new Gauge({
    name: "atelier_jobs",
    help: "Jobs by state.",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      const counts = await options.jobsByState().catch(() => ({})); // the other metrics matter most when the database is down
      this.reset();
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
}

function balanceGauge(registry: Registry, options: MetricsOptions): void {
  new Gauge({
    name: "atelier_provider_balance",
    help: "What is left at a service, in its own unit.",
    labelNames: ["provider", "unit"],
    registers: [registry],
    async collect() {
      const balances = await options.balances().catch(() => ({}));
      this.reset();
      for (const [provider, { amount, unit }] of Object.entries(balances)) this.set({ provider, unit }, amount);
    },
  });
}

function createObserver(registry: Registry): Observer {
  const registers = [registry];
  return { ...observeCalls(registers), ...observeJobs(registers), ...observeAcknowledgements(registers) };
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

function observeAcknowledgements(registers: Registry[]): Pick<Observer, "acknowledged"> {
  const duration = new Histogram({
    name: "atelier_acknowledge_seconds",
    help: "How long members waited for the first answer to a command.",
    labelNames: ["platform"],
    buckets: acknowledgeSeconds,
    registers,
  });
  return { acknowledged: ({ platform, ms }) => duration.observe({ platform }, ms / 1000) };
}
