import type { BatchPlan } from "../../domain/batch/plan.ts";
import { toPeople } from "../../domain/batch/steering.ts";

/** What to say of bounds that this batch cannot reach: a limit of a canary that never holds it, and a count that never ends it. */
export function neverReached({ rules: { canary, stopWhen }, recipients }: Pick<BatchPlan, "rules" | "recipients">) {
  const limits = canary?.pauseIf ?? [];
  const { count } = stopWhen ?? {};
  return [
    ...limits.flatMap(({ abovePercent, belowPercent = 0 }, index) => {
      if (belowPercent > 0 || (abovePercent !== undefined && abovePercent < 100)) return [];
      const bound = abovePercent === undefined ? "below_percent 0" : `above_percent ${abovePercent}`;
      return [
        `canary.pause_if[${index}] never holds the batch: no share is ${abovePercent === undefined ? "below 0%" : "above 100%"}, so ${bound} is never broken. Give a percentage that can be.`,
      ];
    }),
    ...(count !== undefined && count > recipients.length
      ? [
          `stop_when counts ${toPeople(count)}, and ${toPeople(recipients.length)} ${recipients.length === 1 ? "is" : "are"} on the list: it never ends the batch.`,
        ]
      : []),
  ];
}
