import type { BatchCallApi } from "../../client/api.ts";
import type { Task } from "../../domain/batch/batch.ts";
import type { HeldNumber, HeldNumbers } from "../../domain/batch/held-people.ts";
import { hoursBetweenBatches, reachedSinceMs } from "../../domain/other-calls.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";

export type HeldNumbersParts = {
  readonly api: BatchCallApi;
  readonly clock: Clock;
  readonly policy: StartPolicy;
  /** A batch by the name that people know it by; undefined for one that is gone. Text from outside. */
  readonly nameOfBatch: (batchId: string) => Promise<string | undefined>;
};

const hourMs = 3_600_000;

/**
 * Whom other batches than this one reached so lately that our own service does not call them yet, by the operator's hours between
 * batches. Nobody at another API, which holds nobody back, and where nothing rings.
 */
export async function findHeldNumbers(
  { api, clock, policy, nameOfBatch }: HeldNumbersParts,
  people: readonly Pick<Task, "toNumber" | "fallbackNumber" | "fallbackAttempts">[],
  batchId?: string,
): Promise<HeldNumbers> {
  const { minHoursBetweenBatches: hours } = policy;
  const isHeld = hours > 0 && (await api.hasBrake()) && (await api.environment()) === "live";
  if (!isHeld || people.length === 0) return new Map();
  const found = await api.recentCalls({
    numbers: [...new Set(people.map(nextNumber))],
    since: new Date(reachedSinceMs(hours, clock.now())),
    ...(batchId !== undefined && { exceptBatchIds: [batchId] }),
  });
  const names = new Map<string, string>();
  const held: [string, HeldNumber][] = [];
  for (const { toNumber, reachedAndOver: last } of found) {
    const restsForMs = hoursBetweenBatches(toNumber, policy) * hourMs;
    if (!last || restsForMs === 0) continue;
    const by = names.get(last.batchId) ?? (await nameOfBatch(last.batchId)) ?? "another batch";
    names.set(last.batchId, by);
    held.push([toNumber, { until: new Date(last.at.getTime() + restsForMs), by }]);
  }
  const byDialed = new Map(held);
  return new Map(
    people.flatMap((person) => {
      const one = byDialed.get(nextNumber(person));
      return one ? [[person.toNumber, one] as const] : [];
    }),
  );
}

/** The number that is called next, as far as the API tells it. */
function nextNumber({
  toNumber,
  fallbackNumber,
  fallbackAttempts = 0,
}: Pick<Task, "toNumber" | "fallbackNumber" | "fallbackAttempts">): string {
  return fallbackAttempts > 0 ? (fallbackNumber ?? toNumber) : toNumber;
}
