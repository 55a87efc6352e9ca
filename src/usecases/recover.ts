import { attemptsOf, LeaseLost } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { takeOver } from "../jobs/leases.ts";
import { backToQueued } from "../jobs/transitions.ts";
import type { Room } from "./room.ts";
import { endWithImages, fail } from "./settle.ts";

/**
 * Brings on the jobs of processes that died. What was provably not sent is queued again; what may have been sent never
 * is: its images are used when they reached the disk, else the member is told and not charged.
 */
export async function recover(room: Room, claim: { owner: string; leaseUntil: number }): Promise<void> {
  const jobs = await takeOver(room.database.db, { ...claim, now: room.world.now() });
  for (const job of jobs) {
    try {
      await recoverOne(room, job);
    } catch (error) {
      // Lost to yet another process, or the database failed: in both cases its lease brings it back.
      room.log[error instanceof LeaseLost ? "info" : "error"]({ job: job.id, err: error }, "job not recovered");
    }
    room.changes.announce(job.id);
  }
  if (jobs.length > 0) room.wake();
}

async function recoverOne(room: Room, job: Job): Promise<void> {
  const last = (await attemptsOf(room.database.db, job.id)).at(-1);
  const now = room.world.now();
  if (last?.phase !== "sending") {
    room.log.info({ job: job.id }, "recovered: not sent, queued again");
    return room.database.transaction((trx) => backToQueued(trx, job, now));
  }
  if ((await room.images.received(last.id)).images.length > 0) {
    room.log.info({ job: job.id, attempt: last.id }, "recovered: images found on disk");
    return endWithImages(room, job, last.id, {
      reference: last.reference ?? undefined,
      ms: now - (last.sent_at ?? now),
    });
  }
  room.log.warn({ job: job.id, attempt: last.id }, "recovered: outcome unknown, not sent again");
  const end = { outcome: "unknown", now, message: "the process died during the call" } as const;
  await fail(room, job, { outcome: "unknown", reference: job.id }, { id: last.id, end });
}
