import { expect, test } from "vitest";
import { createMetrics, type MetricsOptions } from "../../src/server/metrics.ts";

const metricsOf = (options: Partial<MetricsOptions> = {}) =>
  createMetrics({
    known: { providers: [], platforms: [] },
    resting: async () => ({ openai: false }),
    modelEnds: () => ({ openai: { model: "gpt-image-1.5", endsAt: 1_796_083_200_000 } }),
    paused: async () => false,
    draws: async () => true,
    jobsByState: async () => ({ queued: 3, running: 1 }),
    balances: async () => ({}),
    accounts: async () => ({}),
    spool: async () => ({ files: 0, bytes: 0 }),
    diskFree: async () => 5e9,
    ...options,
  });

test("counts jobs by state anew for each page", async () => {
  let queued = 3;
  const metrics = metricsOf({ jobsByState: async () => (queued > 0 ? { queued } : {}) });
  expect(await metrics.text()).toContain('atelier_jobs{state="queued"} 3\n');
  queued = 1;
  expect(await metrics.text()).toContain('atelier_jobs{state="queued"} 1\n');
  queued = 0;
  expect(await metrics.text()).not.toContain("atelier_jobs{");
});

test("still tells the rest while jobs cannot be counted", async () => {
  const metrics = metricsOf({ jobsByState: () => Promise.reject(new Error("the database is down")) });
  metrics.observer.callEnded({ provider: "tokenhub", outcome: "unknown", ms: 60_000 });
  const text = await metrics.text();
  expect(text).toContain('atelier_calls_total{provider="tokenhub",outcome="unknown"} 1');
  expect(text).not.toContain("atelier_jobs{");
});

test("still tells the rest while nobody answers how many jobs there are", async () => {
  const metrics = metricsOf({
    jobsByState: () => new Promise(() => undefined),
    paused: async () => true,
    patienceMs: 1,
  });
  const text = await metrics.text();
  expect(text).toContain("atelier_paused 1");
  expect(text).not.toContain("atelier_jobs{");
});

test("observes paid calls, ended jobs and acknowledgements, in seconds", async () => {
  const { observer, text } = metricsOf();
  observer.callEnded({ provider: "tokenhub", outcome: "success", ms: 12_500 });
  observer.jobEnded({ platform: "discord", state: "delivered", waitedMs: 2_000, charged: 250 });
  observer.jobEnded({ platform: "discord", state: "failed", waitedMs: 1_000, charged: 0 });
  observer.acknowledged({ platform: "web", ms: 40 });
  const page = await text();
  for (const line of [
    'atelier_calls_total{provider="tokenhub",outcome="success"} 1',
    'atelier_call_seconds_sum{provider="tokenhub"} 12.5',
    'atelier_jobs_ended_total{platform="discord",state="delivered"} 1',
    'atelier_jobs_ended_total{platform="discord",state="failed"} 1',
    "atelier_queue_wait_seconds_sum 3",
    "atelier_credits_charged_total 250",
    'atelier_acknowledge_seconds_bucket{le="0.05",platform="web"} 1',
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});

test("counts how often a budget became low, by whose it is", async () => {
  const { observer, text } = metricsOf();
  observer.budgetLow({ scope: "tenant" });
  observer.budgetLow({ scope: "tenant" });
  expect(await text()).toContain('atelier_budget_low_total{scope="tenant"} 2\n');
});

test("includes the process: memory, processor, event loop", async () => {
  const page = await metricsOf().text();
  expect(page).toContain("process_resident_memory_bytes ");
  expect(page).toContain("nodejs_eventloop_lag_seconds ");
});

test("keeps two sets of metrics apart", async () => {
  const [one, other] = [metricsOf(), metricsOf()];
  one.observer.acknowledged({ platform: "web", ms: 1 });
  expect(await other.text()).not.toContain('platform="web"');
});

test("tells what is left at each service, and nothing while no service tells", async () => {
  const balances = async () => ({ "gpt-image-hub": { amount: 12, unit: "credits", low: false } });
  expect(await metricsOf({ balances }).text()).toContain(
    'atelier_provider_balance{provider="gpt-image-hub",unit="credits"} 12',
  );
  const page = await metricsOf({ balances: () => Promise.reject(new Error("down")) }).text();
  expect(page).not.toContain("atelier_provider_balance{");
});

test("tells what services charged, what unknown outcomes may have cost, and what the disk holds", async () => {
  const accounts = async () => ({ "ops:revenue": 900, "provider:openai": 700 });
  const { observer, text } = metricsOf({ accounts, spool: async () => ({ files: 2, bytes: 46_000_000 }) });
  observer.unknown({ provider: "openai", estimate: 40, remarkable: false });
  observer.unknown({ provider: "openai", estimate: 2, remarkable: true });
  observer.cameLate({ provider: "openai", goodwill: 40 });
  const page = await text();
  for (const line of [
    'atelier_account_credits{account="provider:openai"} 700',
    "atelier_spool_bytes 46000000",
    'atelier_unknown_credits_total{provider="openai"} 42',
    'atelier_unknown_refunds_remarkable_total{provider="openai"} 1',
    'atelier_late_results_total{provider="openai"} 1',
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});

test("tells what is not connected, and no more than the rest while that cannot be told", async () => {
  const metrics = metricsOf();
  expect(await metrics.text()).not.toContain("atelier_ready");
  let readiness: Record<string, boolean> | undefined = { database: true, discord: false };
  metrics.tellReadiness(async () => readiness ?? Promise.reject(new Error("nobody knows")));
  expect(await metrics.text()).toContain('atelier_ready{check="database"} 1\natelier_ready{check="discord"} 0\n');
  readiness = undefined;
  expect(await metrics.text()).not.toContain("atelier_ready{");
});

test("tells which services are to be paid, and what the disk still takes", async () => {
  const balances = async () => ({ hub: { amount: 3, unit: "credits", low: true } });
  const page = await metricsOf({ balances }).text();
  for (const line of [
    'atelier_provider_balance{provider="hub",unit="credits"} 3',
    'atelier_provider_balance_low{provider="hub"} 1',
    "atelier_disk_free_bytes 5000000000",
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});

test("begins every counter that an alert looks at with 0, so that its first event is a growth", async () => {
  const page = await metricsOf({ known: { providers: ["openai"], platforms: ["discord", "web"] } }).text();
  for (const line of [
    'atelier_calls_total{provider="openai",outcome="refused"} 0',
    'atelier_calls_total{provider="openai",outcome="success"} 0',
    'atelier_call_seconds_count{provider="openai"} 0',
    'atelier_jobs_ended_total{platform="discord",state="undeliverable"} 0',
    'atelier_unknown_refunds_total{provider="openai"} 0',
    'atelier_unknown_credits_total{provider="openai"} 0',
    'atelier_unknown_refunds_remarkable_total{provider="openai"} 0',
    'atelier_late_results_total{provider="openai"} 0',
    'atelier_budget_low_total{scope="tenant"} 0',
    'atelier_budget_low_total{scope="global"} 0',
    'atelier_acknowledge_seconds_count{platform="web"} 0',
    'atelier_unacknowledged_total{platform="discord",code="10062"} 0',
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});

test("tells why jobs wait: a service that rests, a pause, no worker", async () => {
  const page = await metricsOf({
    resting: async () => ({ openai: true, hub: false }),
    paused: async () => true,
    draws: async () => false,
  }).text();
  for (const line of [
    'atelier_service_resting{provider="openai"} 1',
    'atelier_service_resting{provider="hub"} 0',
    "atelier_paused 1",
    "atelier_worker_present 0",
    'atelier_model_end_timestamp_seconds{provider="openai",model="gpt-image-1.5"} 1796083200',
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});
