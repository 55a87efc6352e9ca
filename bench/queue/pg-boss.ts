import { PgBoss } from "pg-boss";
import { realWorld } from "../../src/world.ts";
import { newJob } from "../../test/support/jobs.ts";
import type { Contender } from "./contender.ts";

const queue = "jobs";

/** pg-boss as its documentation has it, with LISTEN and NOTIFY on; one job each time, or a batch where it has a call for it. */
export async function pgBoss(url: string): Promise<Contender> {
  const boss = new PgBoss({ connectionString: url, max: 10, useListenNotify: true });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue(queue, { notify: true });
  const world = realWorld();
  const data = (member: string) => newJob(world, { member }) as object;
  let worker: string | undefined;
  return {
    name: "pg-boss",
    accepting: "job",
    accept: (member) => boss.send(queue, data(member)),
    async fill(members) {
      await boss.insert(
        queue,
        members.map((member) => ({ data: data(member) })),
      );
    },
    async finish(wanted) {
      const jobs = await boss.fetch(queue, { batchSize: wanted });
      await Promise.all(jobs.map(({ id }) => boss.complete(queue, id))); // one call ends before another
      return jobs.length;
    },
    async work(started) {
      worker = await boss.work<{ id: string }>(queue, { localConcurrency: 10 }, async ([job]) => {
        if (job) started(job.data.id);
      });
    },
    async acceptNamed(member, id) {
      const job = newJob(world, { member });
      id(job.id);
      await boss.send(queue, job as object);
    },
    async rest() {
      if (worker) await boss.offWork(queue, { id: worker });
    },
    close: () => boss.stop({ graceful: false }),
  };
}
