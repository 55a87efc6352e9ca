import { Counter, Histogram, type Registry } from "prom-client";
import type { Observer } from "../contract/observer.ts";
import type { Outcome } from "../errors.ts";
import { serviceOf } from "../request.ts";

/** The services and platforms of this process. */
export interface KnownLabels {
  readonly providers: readonly string[];
  readonly platforms: readonly string[];
}

/** Paid calls take seconds to minutes, waits up to hours, acknowledgements must stay under Discord's 3 s. */
const callSeconds = [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
const waitSeconds = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];
const acknowledgeSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5];

const outcomes: readonly (Outcome | "success")[] = [
  ...(["success", "not-sent", "refused", "moderated", "failed", "unknown", "damaged"] as const),
];
const finalStates = ["delivered", "undeliverable", "failed", "cancelled"] as const;
/** An interaction that is too old, and one that was answered already. */
const discordCodes = ["10062", "40060"];

/** Counts and measures what the other rooms report, in a registry. */
export function createObserver(registry: Registry, known: KnownLabels): Observer {
  const registers = [registry];
  return {
    ...observeCalls(registers, known),
    ...observeJobs(registers, known),
    ...observeBudgets(registers),
    ...observeUnknown(registers, known),
    ...observeUnpaid(registers),
    ...observeAcknowledgements(registers, known),
  };
}

function observeCalls(registers: Registry[], { providers }: KnownLabels): Pick<Observer, "callEnded"> {
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
  for (const provider of providers) {
    for (const outcome of outcomes) calls.inc({ provider, outcome }, 0);
    duration.zero({ provider });
  }
  return {
    callEnded({ provider: name, outcome, ms }) {
      const provider = serviceOf(name);
      calls.inc({ provider, outcome });
      duration.observe({ provider }, ms / 1000);
    },
  };
}

function observeJobs(registers: Registry[], { platforms }: KnownLabels): Pick<Observer, "jobEnded"> {
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
  for (const platform of platforms) for (const state of finalStates) ended.inc({ platform, state }, 0);
  return {
    jobEnded({ platform, state, waitedMs, charged }) {
      ended.inc({ platform, state });
      waits.observe(waitedMs / 1000);
      credits.inc(charged);
    },
  };
}

function observeUnknown(registers: Registry[], { providers }: KnownLabels): Pick<Observer, "unknown" | "cameLate"> {
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames: ["provider"], registers });
  const refunds = counter(
    "atelier_unknown_refunds_total",
    "Jobs given back for free because the outcome of a call is unknown.",
  );
  const credits = counter("atelier_unknown_credits_total", "What those calls may have cost, in credits.");
  const remarkable = counter("atelier_unknown_refunds_remarkable_total", "Those of members who had many within a day.");
  const late = counter("atelier_late_results_total", "Jobs whose images came after all and were posted for free.");
  for (const each of [refunds, credits, remarkable, late]) {
    for (const provider of providers) each.inc({ provider }, 0);
  }
  return {
    unknown(facts) {
      const provider = serviceOf(facts.provider);
      refunds.inc({ provider });
      credits.inc({ provider }, facts.estimate);
      if (facts.remarkable) remarkable.inc({ provider });
    },
    cameLate: ({ provider }) => late.inc({ provider: serviceOf(provider) }),
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
  for (const scope of ["tenant", "global"]) low.inc({ scope }, 0);
  return { budgetLow: ({ scope }) => low.inc({ scope }) };
}

function observeAcknowledgements(
  registers: Registry[],
  { platforms }: KnownLabels,
): Pick<Observer, "acknowledged" | "unacknowledged"> {
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
  for (const platform of platforms) duration.zero({ platform });
  if (platforms.includes("discord")) for (const code of discordCodes) missed.inc({ platform: "discord", code }, 0);
  return {
    acknowledged: ({ platform, ms }) => duration.observe({ platform }, ms / 1000),
    unacknowledged: ({ platform, code }) => missed.inc({ platform, code: String(code) }),
  };
}
