import type { Claim, ClaimLimits } from "../../src/jobs/claim.ts";

/** A job as the model of the queue sees it. */
export interface ModelJob {
  readonly id: string;
  readonly state: string;
  readonly member: string;
  readonly tenant: string;
  readonly provider: string;
  readonly platform: string;
  readonly run_at: number;
  readonly created_at: number;
  readonly retried: boolean;
  /** 0 when it never ran. */
  readonly startedAt: number;
}

interface Candidate {
  readonly job: ModelJob;
  /** How many jobs of the member would run with this one. */
  readonly slot: number;
  readonly memberServed: number;
}

/** The ids that a claim takes, in its order: the rule of claim.ts, told in memory. */
export function claimByModel(jobs: readonly ModelJob[], limits: ClaimLimits, claim: Claim): string[] {
  const running = jobs.filter(({ state }) => state === "running");
  const served = (of: (job: ModelJob) => boolean) => Math.max(0, ...jobs.filter(of).map(({ startedAt }) => startedAt));
  const tenants = new Map<string, { turns: number; last: number; head: string }>();
  const inTurn = jobsThatMayStart(jobs, running, limits, claim).map(({ job, slot }) => {
    const last = served(({ tenant }) => tenant === job.tenant);
    const head = headOfTenant(jobs, job.tenant);
    const started = running.filter(({ tenant }) => tenant === job.tenant).length;
    const tenant = tenants.get(job.tenant) ?? { turns: started, last, head };
    tenants.set(job.tenant, tenant);
    tenant.turns += 1;
    return { job, last, head, turn: tenant.turns, round: Math.max(tenant.turns, slot) };
  });
  inTurn.sort((a, b) => a.round - b.round || a.last - b.last || byText(a.head, b.head) || a.turn - b.turn);
  const calls = new Map<string, number>();
  for (const { provider } of running) calls.set(provider, (calls.get(provider) ?? 0) + 1);
  const taken: string[] = [];
  for (const { job } of inTurn) {
    const under = calls.get(job.provider) ?? 0;
    if (taken.length >= claim.wanted || under >= (limits.perProvider[job.provider] ?? 1)) continue;
    calls.set(job.provider, under + 1);
    taken.push(job.id);
  }
  return taken;
}

/** The first jobs of each member, as many as may run, in the order within a tenant. */
function jobsThatMayStart(
  jobs: readonly ModelJob[],
  running: readonly ModelJob[],
  limits: ClaimLimits,
  { now }: Claim,
): Candidate[] {
  const full = (provider: string) =>
    running.filter((job) => job.provider === provider).length >= (limits.perProvider[provider] ?? 1);
  const reached = ({ platform, created_at }: ModelJob) =>
    !limits.platforms || limits.platforms.includes(platform) || created_at < (limits.abandonedBefore ?? 0);
  const candidates: Candidate[] = [];
  for (const member of new Set(jobs.map((job) => job.member))) {
    const busy = running.filter((job) => job.member === member).length;
    const memberServed = Math.max(...jobs.filter((job) => job.member === member).map(({ startedAt }) => startedAt));
    const free = Math.max(0, limits.perMember - busy);
    const ready = queueOf(jobs, member)
      .slice(0, free)
      .filter((job) => job.run_at <= now && !full(job.provider) && reached(job));
    candidates.push(...ready.map((job, before) => ({ job, slot: busy + before + 1, memberServed })));
  }
  return candidates.sort(
    (a, b) =>
      a.slot - b.slot ||
      Number(a.job.retried) - Number(b.job.retried) ||
      a.memberServed - b.memberServed ||
      byText(a.job.id, b.job.id),
  );
}

function queueOf(jobs: readonly ModelJob[], member: string): ModelJob[] {
  return jobs.filter((job) => job.state === "queued" && job.member === member).sort((a, b) => byText(a.id, b.id));
}

/** The oldest of the first jobs of members whose first job is of that tenant; the text after all ids when there is none. */
function headOfTenant(jobs: readonly ModelJob[], tenant: string): string {
  const members = new Set(jobs.map(({ member }) => member));
  const heads = [...members].flatMap((member) => queueOf(jobs, member).slice(0, 1));
  return (
    heads
      .filter((job) => job.tenant === tenant)
      .map(({ id }) => id)
      .sort(byText)[0] ?? ""
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
