import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ClaimLimits, claimJobs } from "../../src/jobs/claim.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import { openDatabase } from "../../src/store/database.ts";
import { realWorld } from "../../src/world.ts";
import { newJob } from "../../test/support/jobs.ts";
import { share, timed } from "../report.ts";

const waiting = 10_000;
const servers = 300;
const claims = 40;

/** Whose claims are timed: all of the members wait for `crowded`, and as many more as are needed for `quiet`. */
const situations: Readonly<Record<string, ClaimLimits>> = {
  "room for all": { perMember: 1, perProvider: { crowded: waiting } },
  "room for all, two of a member": { perMember: 2, perProvider: { crowded: waiting } },
  "behind a service without room": { perMember: 1, perProvider: { crowded: 0, quiet: waiting } },
  "a service without room": { perMember: 1, perProvider: { crowded: 0, quiet: 0 } },
};

/** How long a claim takes while so many members wait with a job each. */
export async function claimTimes(engine: string, url: string | undefined) {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const database = await openDatabase({ dataDir: folder, ...(url === undefined ? {} : { url }) });
  const world = realWorld();
  const job = (at: number, provider: string) =>
    newJob(world, { member: `member-${at}`, tenant: `server-${at % servers}`, held: 0, provider });
  await database.transaction(async (trx) => {
    for (let at = 0; at < waiting; at += 1) await enqueue(trx, job(at, "crowded"));
    for (let at = 0; at < 5 * claims; at += 1) await enqueue(trx, job(waiting + at, "quiet"));
  });
  const rows = [];
  for (const [situation, limits] of Object.entries(situations)) {
    const times: number[] = [];
    for (let at = 0; at < claims; at += 1) {
      const now = world.now();
      times.push(
        await timed(() => claimJobs(database, limits, { wanted: 4, now, owner: "bench", leaseUntil: now + 1e6 })),
      );
    }
    const [half, most] = [share(times, 0.5).toFixed(1), share(times, 0.99).toFixed(1)];
    rows.push({
      engine,
      "members who wait": waiting,
      "their servers": servers,
      "a claim of 4": situation,
      "ms (p50, p99)": `${half}, ${most}`,
    });
  }
  await database.close();
  rmSync(folder, { recursive: true });
  return rows;
}
