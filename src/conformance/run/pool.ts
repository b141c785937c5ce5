/** Something that takes a part of the machine. */
export interface Job {
  /** 1 or more; what is more than there is takes all. */
  readonly weight: number;
  run(): Promise<void>;
}

/** Runs jobs in their order, as many at once as their weights allow. */
export async function runJobs(jobs: readonly Job[], capacity: number): Promise<void> {
  let free = capacity;
  let wake: () => void = () => undefined;
  const running = new Set<Promise<void>>();
  for (const job of jobs) {
    const weight = Math.min(job.weight, capacity);
    while (free < weight) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    free -= weight;
    const done: Promise<void> = job.run().finally(() => {
      free += weight;
      running.delete(done);
      wake();
    });
    running.add(done);
  }
  await Promise.all(running);
}
