import type { Room } from "../context.ts";
import type { Caller, JobView } from "../contract/usecases.ts";
import type { BudgetLow, Limits } from "../credits/credits.ts";
import { Refusal } from "../errors.ts";
import { roomPerImage } from "../images/images.ts";
import type { Job, NewJob } from "../jobs/job.ts";
import { countQueued, enqueue, findByInbound } from "../jobs/queue.ts";
import { obeyRules, type Rulebook, rulebookOf } from "../policy/rules.ts";
import type { Request } from "../request.ts";
import { viewOf } from "./view.ts";

/**
 * Prices a request, holds its credits and queues it, as one: afterwards there is a job with a hold, or neither.
 * The same inbound event gives the job that it made before. Throws Refusal.
 */
export async function submit(room: Room, request: Request, caller: Caller, parent?: string): Promise<JobView> {
  const { provider, request: fitted, quote } = room.router.route(request);
  if (!(await room.images.hasRoom(roomPerImage * fitted.count))) throw new Refusal("disk-full", {});
  const job: NewJob = {
    id: room.world.id(),
    inbound: caller.inbound,
    platform: caller.platform,
    tenant: caller.tenant,
    member: caller.member,
    memberName: caller.name,
    locale: caller.locale,
    place: caller.place,
    parent,
    request: fitted,
    changes: quote.changes,
    provider: provider.name,
    tier: quote.tier,
    unit: quote.unit,
    held: quote.total,
    createdAt: room.world.now(),
  };
  const accepted = await accept(room, job, (rulebook) => obeyRules(rulebook, request, caller));
  if (accepted.id === job.id) {
    const { id, member, tenant, held, inbound: event } = job;
    room.log.info(
      { job: id, member, tenant, event, provider: job.provider, held, count: fitted.count },
      "job accepted",
    );
    room.wake();
    await room.database.notify().catch(() => undefined); // polling covers a lost notice
  }
  return viewOf(room, accepted);
}

/** The job of an inbound event that was taken before, if any: a repetition must not even download its files again. */
export async function earlierJob(room: Room, caller: Caller): Promise<JobView | undefined> {
  const job = await findByInbound(room.database.db, caller.inbound);
  return job && viewOf(room, job);
}

/** A second run finds the job of the first by its inbound key. */
const repeatable = { repeatable: true };

async function accept(room: Room, job: NewJob, obey: (rulebook: Rulebook) => Limits): Promise<Job> {
  const { credits, queuedPerMember } = room;
  const { id, member, tenant, held: amount, createdAt: at } = job;
  let low: readonly BudgetLow[] = [];
  room.world.reach("before-accept");
  const accepted = await room.database.transaction(async (trx) => {
    const [account, earlier, queued, rulebook] = await Promise.all([
      credits.open(trx, member), // what is looked up after it is true until this member's transaction ends
      findByInbound(trx, job.inbound),
      countQueued(trx, member),
      rulebookOf(trx, tenant),
    ]);
    low = []; // the transaction may run again
    if (earlier) return earlier;
    if (queued >= queuedPerMember) throw new Refusal("too-many-queued", { limit: queuedPerMember });
    low = await credits.allow(trx, account, { tenant, amount }, obey(rulebook));
    const told = low.map((facts) => ({ code: "budget-low", ...facts }) as const);
    const [queuedJob] = await Promise.all([
      enqueue(trx, { ...job, changes: [...job.changes, ...told] }),
      credits.hold(trx, account, { job: id, amount, at }),
    ]);
    return queuedJob;
  }, repeatable);
  room.world.reach("accepted");
  for (const budget of low) tellLow(room, job, budget);
  return accepted;
}

function tellLow(room: Room, { id, tenant }: NewJob, { scope, spent, limit, renewsAt }: BudgetLow): void {
  room.log.warn({ job: id, tenant, scope, spent, limit, renewsAt }, "most of a budget is spent");
  room.observer.budgetLow({ scope });
}
