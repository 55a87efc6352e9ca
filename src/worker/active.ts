/** The jobs that this process works on. */
export interface Active {
  jobs(): string[];
  during(job: string, work: () => Promise<void>): Promise<void>;
}

/** Counts: a job may be claimed again while the work of its earlier claim comes to its end. */
export function createActive(): Active {
  const counts = new Map<string, number>();
  const add = (job: string, n: number) => {
    const count = (counts.get(job) ?? 0) + n;
    if (count > 0) counts.set(job, count);
    else counts.delete(job);
  };
  return {
    jobs: () => [...counts.keys()],
    async during(job, work) {
      add(job, 1);
      try {
        await work();
      } finally {
        add(job, -1);
      }
    },
  };
}
