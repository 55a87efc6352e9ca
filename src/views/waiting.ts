import type { Context } from "../context.ts";
import type { JobView } from "../contract/usecases.ts";
import type { Job } from "../jobs/job.ts";
import { paused } from "../policy/rules.ts";
import { isPresent } from "../store/presence.ts";

/** Nobody asks so soon why a job waits: most are drawn at once. */
const patienceMs = 10_000;

/** Says why a queued job is not started although its turn may have come; undefined where it only waits for its turn. */
export async function waitingOf(context: Context, job: Job): Promise<JobView["waiting"]> {
  if (job.state !== "queued") return undefined;
  if (await paused(context)) return { reason: "paused" };
  const { database, world } = context;
  const isOld = world.now() - job.createdAt > patienceMs;
  if (isOld && !(await isPresent(database.db, world.now()))) return { reason: "worker" };
  // Another process may have had the trouble: then only the job knows when it is tried again.
  const breakers = job.payer === "tenant" ? context.keys.breakers(job.tenant) : context.breakers;
  const until = Math.max(job.runAt, breakers.restingUntil(job.provider) ?? 0);
  return until > world.now() ? { reason: "service", until } : undefined;
}
