import type { Task } from "../domain/batch/batch.ts";
import { localTimeOf, zonesOfRecipient } from "../domain/phone/recipient-time.ts";
import { plainText } from "../domain/text.ts";
import { toReasonText } from "../tools/calls/call-reason.ts";
import type { ListedTask } from "../tools/calls/rows-of-tasks.ts";

// What a report and a view count of a batch's recipients.

const longestReason = 200;
const mostReasons = 20;

/** Calls that began in one hour of the recipients' own clocks. */
export type HourOfCalls = {
  /** `10:00`; absent for calls to numbers whose zone is not known. */
  readonly hour?: string;
  readonly calls: number;
  readonly answered: number;
  /** Calls that are neither answered nor not: they are under way. Absent where there are none. */
  readonly calling?: number;
};

/** The hours in which calls began, the earliest hour of the day first and those that are not known last. */
export function callsByHour(tasks: readonly Task[]): readonly HourOfCalls[] {
  const hours = new Map<string, { calls: number; answered: number; calling: number }>();
  for (const { dials = [], timezone } of tasks) {
    for (const { startedAt, toNumber, outcome } of dials) {
      if (!startedAt) continue;
      const local = localTimeOf(startedAt, zonesOfRecipient(toNumber, timezone));
      const hour = local ? `${local.slice(11, 13)}:00` : unknownHour;
      const counted = hours.get(hour) ?? { calls: 0, answered: 0, calling: 0 };
      counted.calls += 1;
      if (outcome === "answered") counted.answered += 1;
      if (outcome === undefined) counted.calling += 1;
      hours.set(hour, counted);
    }
  }
  return [...hours]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([hour, { calling, ...counts }]) => ({
      ...(hour !== unknownHour && { hour }),
      ...counts,
      ...(calling > 0 && { calling }),
    }));
}

const unknownHour = "unknown";

export type Reason = { readonly reason: string; readonly people: number; readonly rows: readonly number[] };

/** Why people were not reached, the commonest reason first, with the rows of the list that it holds for. */
export function reasonsOf(unreached: readonly ListedTask[]): readonly Reason[] {
  const reasonOf = ({ reason, status, outcome }: Task): string =>
    `${status}${outcome ? `, ${outcome}` : ""}${reason ? `: ${plainText(toReasonText(reason), longestReason)}` : ""}`;
  const groups = new Map<string, Task[]>();
  for (const { task } of unreached) {
    const reason = reasonOf(task);
    const group = groups.get(reason);
    if (group) group.push(task);
    else groups.set(reason, [task]);
  }
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, mostReasons)
    .map(([reason, group]) => ({ reason, people: group.length, rows: group.flatMap(({ row }) => row ?? []) }));
}

export function countBy<K extends string | number>(
  tasks: readonly Task[],
  keyOf: (task: Task) => K | undefined,
): [K, number][] {
  const counts = new Map<K, number>();
  for (const task of tasks) {
    const key = keyOf(task);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
