import { removedReason } from "../../domain/batch/taken-out.ts";
import { counted } from "../../domain/text.ts";
import { toHoursText } from "../../domain/time/calling-hours.ts";
import type { BatchSnapshot } from "./read-batch-for-start.ts";
import type { AgreedBefore } from "./start-log.ts";

/** How a batch that runs differs from what was agreed to before, a line each; none where it does not. */
export function changesSince(
  { contentDigest, newNumbers, attempts }: AgreedBefore,
  { batch, tasks, facts }: BatchSnapshot,
  attemptsNow: number,
): readonly string[] {
  if (contentDigest === undefined || contentDigest === batch.contentDigest) return [];
  const removed = tasks.filter(({ status, reason }) => status === "cancelled" && reason === removedReason).length;
  const { hoursBefore, hours } = facts ?? {};
  const changes = [
    newNumbers.size > 0 && `${toPeople(newNumbers.size)} added`,
    removed > 0 && `${toPeople(removed)} taken out`,
    attempts !== attemptsNow && `Calls to each person, at most: ${attempts} before, ${attemptsNow} now`,
    hoursBefore !== undefined &&
      `Phones rang ${hoursBefore ? `from ${toHoursText(hoursBefore)}` : "at all hours"} before, ${hours ? `from ${toHoursText(hours)}` : "at all hours"} now`,
  ].filter((change) => typeof change === "string");
  return changes.length > 0
    ? changes
    : ["What is said to some people, on or from which number, or when they are called again"];
}

function toPeople(count: number): string {
  return counted(count, "person", "people");
}
