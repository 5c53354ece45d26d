import { type DatabaseSync, inTransaction } from "../../../../lib/sqlite.ts";

/**
 * Does what is asked for within one turn of the event loop in one transaction: a commit waits for the disk, and many
 * small ones wait together. Each `run` resolves when its work is on disk.
 */
export type GroupCommit = {
  run<T>(work: () => T): Promise<T>;
  /** Does at once what still waits. */
  flush(): void;
};

type Job = { work(): unknown; done(result: unknown): void; failed(error: unknown): void };

export function createGroupCommit(database: DatabaseSync): GroupCommit {
  let waiting: Job[] = [];

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length === 0) return;
    try {
      const results = inTransaction(database, () => jobs.map(({ work }) => work()));
      for (const [index, { done }] of jobs.entries()) done(results[index]);
    } catch {
      // One that fails must not fail the others: nothing was kept, so each is done on its own.
      for (const job of jobs) doAlone(job);
    }
  }

  function doAlone({ work, done, failed }: Job): void {
    try {
      done(inTransaction(database, work));
    } catch (error) {
      failed(error);
    }
  }

  return {
    run<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        // Safe: the result handed to `done` is the one that this `work` returned.
        waiting.push({ work, done: (result) => resolve(result as T), failed: reject });
      });
    },
    flush,
  };
}
