import { setTimeout as delay } from "node:timers/promises";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Observer } from "../contract/observer.ts";
import { serviceOf } from "../request.ts";
import { createObserver, type KnownLabels } from "./observe.ts";

export interface MetricsOptions {
  /** Counters of these begin at 0: an alert on their growth misses the first event otherwise. */
  readonly known: KnownLabels;
  /** Asked anew for each page of metrics. */
  jobsByState(): Promise<Readonly<Record<string, number>>>;
  /** By service, in its own unit; asked anew likewise. */
  balances(): Promise<Readonly<Record<string, BalanceLeft>>>;
  /** The balances of the operator's and the services' accounts of the ledger, in credits. */
  accounts(): Promise<Readonly<Record<string, number>>>;
  /** Images on this machine's disk. */
  spool(): Promise<{ readonly files: number; readonly bytes: number }>;
  /** True for each service that is not called for a while, because it asked for that or failed. */
  resting(): Promise<Readonly<Record<string, boolean>>>;
  /** By service, once the end of its model is near or past; milliseconds since 1970. */
  modelEnds(): Readonly<Record<string, { readonly model: string; readonly endsAt: number }>>;
  /** An operator has paused everything. */
  paused(): Promise<boolean>;
  /** Some process draws what is queued. */
  draws(): Promise<boolean>;
  /** Bytes that this process may still write where it keeps its data. */
  diskFree(): Promise<number>;
  /** So long a page waits for what it asks; 4 s, because whoever reads it waits 10 s at most. */
  readonly patienceMs?: number;
}

interface BalanceLeft {
  readonly amount: number;
  readonly unit: string;
  /** True when it is time to top up. */
  readonly low: boolean;
}

export interface Metrics {
  /** Takes what the other rooms report. */
  readonly observer: Observer;
  readonly contentType: string;
  /** From now on the page tells what `/readyz` tells, by the name of what is checked. */
  tellReadiness(ready: () => Promise<Readonly<Record<string, boolean>>>): void;
  /** The page that Prometheus reads; never rejects: `atelier_jobs` is absent while jobs cannot be counted. */
  text(): Promise<string>;
}

/** Prometheus metrics of this process, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const page = { registry, patienceMs: options.patienceMs ?? usualPatienceMs };
  askedGauges(page, options);
  return {
    observer: createObserver(registry, options.known),
    contentType: registry.contentType,
    tellReadiness: (ready) =>
      askedGauge(
        page,
        { name: "atelier_ready", help: "1 when it is connected and answers, else 0.", labelNames: ["check"] },
        async () => Object.entries(await ready()).map(([check, good]) => [{ check }, Number(good)] as const),
      ),
    text: () => registry.metrics(),
  };
}

const usualPatienceMs = 4000;

/** Holds what gauges that are asked for have in common. */
interface AskedPage {
  readonly registry: Registry;
  readonly patienceMs: number;
}

/** A gauge that is asked anew for each page, and absent while nobody can tell: the other metrics matter most then. */
function askedGauge<Label extends string>(
  { registry, patienceMs }: AskedPage,
  about: { name: string; help: string; labelNames: Label[] },
  ask: () => Promise<readonly (readonly [Partial<Record<Label, string>>, number])[]>,
): void {
  new Gauge({
    ...about,
    registers: [registry],
    async collect() {
      const answered = new AbortController();
      const silence = delay(patienceMs, [], { signal: answered.signal, ref: false }).catch(() => []);
      const values = await Promise.race([ask().catch(() => []), silence]);
      answered.abort();
      this.reset();
      for (const [labels, value] of values) this.set(labels, value);
    },
  });
}

function askedGauges(page: AskedPage, options: MetricsOptions): void {
  jobGauges(page, options);
  balanceGauges(page, options);
  serviceGauges(page, options);
  diskGauges(page, options);
}

/** The gauge of jobs that have not ended. */
function jobGauges(page: AskedPage, options: MetricsOptions): void {
  askedGauge(
    page,
    { name: "atelier_jobs", help: "Jobs that have not ended, by state.", labelNames: ["state"] },
    async () => Object.entries(await options.jobsByState()).map(([state, count]) => [{ state }, count] as const),
  );
}

/** The gauges of money: at the services and in the ledger. */
function balanceGauges(page: AskedPage, options: MetricsOptions): void {
  askedGauge(
    page,
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
    page,
    {
      name: "atelier_provider_balance_low",
      help: "1 when it is time to top up there, else 0.",
      labelNames: ["provider"],
    },
    async () =>
      Object.entries(await options.balances()).map(([provider, { low }]) => [{ provider }, Number(low)] as const),
  );
  askedGauge(
    page,
    {
      name: "atelier_account_credits",
      help: "Credits in the operator's and the services' accounts of the ledger: provider:NAME is what a service charged.",
      labelNames: ["account"],
    },
    async () => Object.entries(await options.accounts()).map(([account, credits]) => [{ account }, credits] as const),
  );
}

/** The gauges of services that rest, of a pause of everything, and of a missing worker. */
function serviceGauges(page: AskedPage, options: MetricsOptions): void {
  askedGauge(
    page,
    {
      name: "atelier_service_resting",
      help: "1 while this process does not call the service, because it asked for that or failed; its jobs wait.",
      labelNames: ["provider"],
    },
    async () =>
      Object.entries(await options.resting()).map(([provider, rests]) => [{ provider }, Number(rests)] as const),
  );
  askedGauge(
    page,
    {
      name: "atelier_model_end_timestamp_seconds",
      help: "When the model of a service ends, in seconds since 1970; there from 60 days before.",
      labelNames: ["provider", "model"],
    },
    async () =>
      Object.entries(options.modelEnds()).map(
        ([provider, { model, endsAt }]) => [{ provider: serviceOf(provider), model }, endsAt / 1000] as const,
      ),
  );
  askedGauge(
    page,
    { name: "atelier_paused", help: "1 while an operator has paused everything; jobs wait.", labelNames: [] },
    async () => [[{}, Number(await options.paused())]],
  );
  askedGauge(
    page,
    { name: "atelier_worker_present", help: "1 while some process draws what is queued, else 0.", labelNames: [] },
    async () => [[{}, Number(await options.draws())]],
  );
}

/** The gauges of this machine's disk. */
function diskGauges(page: AskedPage, options: MetricsOptions): void {
  askedGauge(
    page,
    { name: "atelier_spool_bytes", help: "Images on this machine's disk, in bytes.", labelNames: [] },
    async () => [[{}, (await options.spool()).bytes]],
  );
  askedGauge(
    page,
    { name: "atelier_disk_free_bytes", help: "What can still be written into DATA_DIR, in bytes.", labelNames: [] },
    async () => [[{}, await options.diskFree()]],
  );
}
