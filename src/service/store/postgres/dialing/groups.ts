import { StoreUnavailable } from "../../store.ts";

/** Does in one go, for several who asked, what takes one round trip and one commit however many they are. */
export type Groups<Job, Result> = (job: Job) => Promise<Result>;

export type GroupsParts<Job, Result> = {
  /** In one transaction, in this order; returns a result for each. */
  readonly doTogether: (jobs: readonly Job[]) => Promise<readonly Result[]>;
  /** A group has each of these once: what one job does, another one with the same must see. */
  readonly namesOf: (job: Job) => readonly string[];
};

type Waiting<Job, Result> = {
  readonly job: Job;
  readonly names: readonly string[];
  done(result: Result): void;
  failed(error: unknown): void;
};

/** The most jobs of a group: its locks are held for some ms. */
const most = 250;

/**
 * One group at a time. Who asks while nothing is under way is served at once, together with all who ask in the same turn of the event
 * loop; who asks meanwhile is in the next group. Of a group that fails nothing is kept, and each of its jobs is done by itself: one that
 * cannot be done fails alone. All fail where the database is away: nobody knows whether they were done.
 */
export function createGroups<Job, Result>({ doTogether, namesOf }: GroupsParts<Job, Result>): Groups<Job, Result> {
  let waiting: Waiting<Job, Result>[] = [];
  let isUnderWay = false;

  function takeGroup(): readonly Waiting<Job, Result>[] {
    const group: Waiting<Job, Result>[] = [];
    const left: Waiting<Job, Result>[] = [];
    const taken = new Set<string>();
    for (const one of waiting) {
      const isFree = group.length < most && !one.names.some((name) => taken.has(name));
      // Also of those who are left: nobody overtakes another with the same name.
      for (const name of one.names) taken.add(name);
      (isFree ? group : left).push(one);
    }
    waiting = left;
    return group;
  }

  async function doAll(): Promise<void> {
    while (waiting.length > 0) await doGroup(takeGroup());
    isUnderWay = false;
  }

  async function doGroup(group: readonly Waiting<Job, Result>[]): Promise<void> {
    try {
      const results = await doTogether(group.map(({ job }) => job));
      // Safe: there is a result for each job.
      for (const [place, { done }] of group.entries()) done(results[place] as Result);
    } catch (error) {
      if (group.length === 1 || error instanceof StoreUnavailable) for (const { failed } of group) failed(error);
      else for (const one of group) await doGroup([one]);
    }
  }

  return (job) =>
    new Promise((done, failed) => {
      waiting.push({ job, names: namesOf(job), done, failed });
      if (isUnderWay) return;
      isUnderWay = true;
      setImmediate(() => void doAll());
    });
}

/** The last of the times by which the jobs of a group are asked for. */
export function latestOf(jobs: readonly { readonly now: Date }[]): Date {
  return new Date(Math.max(...jobs.map(({ now }) => now.getTime())));
}
