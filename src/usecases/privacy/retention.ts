import type { Context } from "../../context.ts";
import { deleteCallbacks, lateForMs } from "../../jobs/callbacks.ts";
import { forgetChannelMessages } from "../../jobs/channel-messages.ts";
import { forgetBrought } from "../../jobs/intake.ts";
import { keptAttempts, neededInputs } from "../../jobs/referred.ts";
import { forgetSteps } from "../../jobs/steps.ts";
import { giveBackTask, takeTask } from "../../store/task-lease.ts";
import { forgetConfirmations } from "../submit/confirmations.ts";
import { forgetVisits } from "../visits/session.ts";
import { eraseContent } from "./erase-content.ts";
import { forgetMembers } from "./forget-members.ts";
import { forgetTenants } from "./tenant-gone.ts";

/** The numbers of what one round of cleaning deleted. */
export interface Cleaned {
  /** Jobs that lost their content because of their age. */
  readonly jobs: number;
  /** Members who are forgotten now. */
  readonly members: number;
  readonly files: number;
}

export interface RetentionTimer {
  start(): void;
  /** Resolves when the round that was begun is done. */
  stop(): Promise<void>;
}

const dayMs = 86_400_000;
const everyMs = 3_600_000;
/** A process that died in the middle of a round holds the others up for so long. */
const turnMs = 1_800_000;
const task = "retention";
/** Alerts of a month are known by their messages: none is sent twice. */
const markedDays = 40;

/** Cleans at the start and then once an hour. */
export function createRetention(context: Context): RetentionTimer {
  const stopping = new AbortController();
  let rounds: Promise<void> = Promise.resolve();
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweepOnce(context).catch((error: unknown) =>
        context.log.warn({ err: error }, "cleaning failed; trying again"),
      );
      await context.world.sleep(everyMs, stopping.signal);
    }
  }
  return {
    start() {
      rounds = run();
    },
    async stop() {
      stopping.abort();
      await rounds;
    },
  };
}

/**
 * One round. Repeating it, or doing it twice at once, deletes nothing more; records are cleaned by one process at a time,
 * files by each for itself, because it may have a disk of its own.
 */
export async function sweepOnce(context: Context): Promise<Cleaned> {
  const { jobs, members } = (await takeTurn(context)) ? await cleanRecords(context) : { jobs: 0, members: 0 };
  const { removed: files } = await sweepFiles(context);
  if (jobs + members + files > 0) context.log.info({ jobs, members, files }, "cleaned up");
  return { jobs, members, files };
}

/** Milliseconds since 1970; 0 when it is kept for ever. */
function before(context: Context, days: number): number {
  return days === 0 ? 0 : context.world.now() - days * dayMs;
}

async function cleanRecords(context: Context): Promise<Pick<Cleaned, "jobs" | "members">> {
  const now = context.world.now();
  const endedBefore = before(context, context.retention.contentDays);
  const jobs = await eraseContent(context, { endedBefore });
  const members = await forgetMembers(context);
  await forgetTenants(context, endedBefore);
  await forgetConfirmations(context.database.db, { now });
  await forgetVisits(context.database.db, now);
  await forgetChannelMessages(context.database.db, Math.min(endedBefore, now - markedDays * dayMs));
  await forgetSteps(context.database.db, { endedBefore: now - dayMs, lostBefore: now - markedDays * dayMs });
  await forgetBrought(context.database.db, now);
  await deleteCallbacks(context.database.db, now - lateForMs);
  await giveBackTask(context.database.db, task);
  return { jobs, members };
}

async function takeTurn({ database, world }: Context): Promise<boolean> {
  const now = world.now();
  return database.transaction((trx) => takeTask(trx, task, { now, until: now + turnMs }));
}

/** Results stay as long as the content of their job, and inputs for some days; whatever a job still needs stays. */
async function sweepFiles(context: Context) {
  const { images, world } = context;
  const { db } = context.database;
  const now = world.now();
  const inputsSince = before(context, context.retention.referenceDays);
  return images.sweep({
    now,
    async isReferred(files) {
      const inputs = await neededInputs(db, files, { inputsSince });
      const kept = await keptAttempts(db, [...new Set(files.flatMap((file) => attemptOf(file) ?? []))]);
      return new Set(files.filter((file) => inputs.has(file) || kept.has(attemptOf(file) ?? "")));
    },
  });
}

/** The call that brought a result, by its key in the spool. */
function attemptOf(file: string): string | undefined {
  return /^results\/(.+)-(?:\d+|complete)$/.exec(file)?.[1];
}
