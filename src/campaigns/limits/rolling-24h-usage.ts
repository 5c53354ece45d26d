import { costOfLaunch, type LaunchFigures } from "../../domain/launch-limits.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What the limits of 24 hours count of a start. */
export type UsageQuery = {
  readonly batchId: string;
  /** When the first phone rings. */
  readonly ringsAt: Date;
  readonly recipients: number;
  /** Attempts that each recipient gets at most. */
  readonly attempts: number;
};

/**
 * What a launch adds to, in the fullest 24 hours that it would be part of. A batch that was started and resumed within
 * them counts once, as the larger of the two.
 */
export function rolling24hUsage(wanted: UsageQuery, near: readonly UsageQuery[], pricePerCall = 0): LaunchFigures {
  const all = [...near, wanted];
  const { recipients, attempts } = wanted;
  const cost = ({ recipients: people, attempts: tries }: UsageQuery) => costOfLaunch(people, tries, pricePerCall);
  return {
    recipients,
    maxAttempts: attempts,
    launchedToday: fullest(all, wanted, (launch) => launch.recipients) - recipients,
    spentToday: fullest(all, wanted, cost) - cost(wanted),
  };
}

function fullest(starts: readonly UsageQuery[], wanted: UsageQuery, measure: (start: UsageQuery) => number): number {
  const ends = starts.map(({ ringsAt }) => ringsAt.getTime());
  const sums = ends
    .filter((end) => isWithinDay(wanted, end))
    .map((end) =>
      sumByBatch(
        starts.filter((launch) => isWithinDay(launch, end)),
        measure,
      ),
    );
  return Math.max(...sums);
}

/** True in the 24 hours that end at that instant, the instant included. */
function isWithinDay({ ringsAt }: UsageQuery, end: number): boolean {
  const time = ringsAt.getTime();
  return time <= end && time > end - dayMs;
}

function sumByBatch(starts: readonly UsageQuery[], measure: (start: UsageQuery) => number): number {
  const byBatch = new Map<string, number>();
  for (const launch of starts) byBatch.set(launch.batchId, Math.max(byBatch.get(launch.batchId) ?? 0, measure(launch)));
  return [...byBatch.values()].reduce((sum, part) => sum + part, 0);
}
