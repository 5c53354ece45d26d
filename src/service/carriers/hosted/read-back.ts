import type { Wave, WaveTask } from "../../../contract/hosted-wave.ts";
import type { Batch } from "../../../domain/batch/batch.ts";
import { maskNumber } from "../../../domain/phone/mask.ts";
import { isMaskedNumber, mayBeShown, numberFinder } from "../../../domain/phone/shown-number.ts";
import { counted } from "../../../domain/text.ts";

/** What a draft that was read back has otherwise than it was sent, in words for people. What the API does not show is not in it. */
export function differencesOf(wave: Wave, batch: Batch, tasks: readonly WaveTask[]): readonly string[] {
  const fields = [
    differs("the name", wave.name, batch.name),
    differs("the agent", wave.agentId, batch.agentId),
    differs(
      "the caller id",
      wave.fromNumber,
      batch.fromNumber && mayBeShown(wave.fromNumber, batch.fromNumber) ? wave.fromNumber : batch.fromNumber,
    ),
    differs("the number of people", wave.calls.length, batch.total),
    differs("the number of people listed", wave.calls.length, tasks.length),
  ];
  return [...fields.filter((text) => text !== undefined), ...peopleDiffer(wave, tasks)];
}

function peopleDiffer(wave: Wave, tasks: readonly WaveTask[]): readonly string[] {
  const hidden = tasks.filter(({ toNumber }) => isMaskedNumber(toNumber)).length;
  if (hidden > 0)
    return [
      `it hides a part of the numbers of ${counted(hidden, "person", "people")}, so that nobody can tell whose call is whose`,
    ];
  const find = numberFinder(wave.calls.map(({ toNumber }) => toNumber));
  const shown = tasks.map((task) => ({ task, number: find(task.toNumber) }));
  const tasksOf = (toNumber: string) => shown.filter(({ number }) => number === toNumber).map(({ task }) => task);
  return wave.calls.map((call) => taskDiffers(call, tasksOf(call.toNumber))).filter((text) => text !== undefined);
}

function differs(what: string, sent: string | number, shown: string | number | undefined): string | undefined {
  if (shown === undefined || shown === sent) return undefined;
  return `${what} is "${shown}" and was sent as "${sent}"`;
}

function taskDiffers({ toNumber, variables }: Wave["calls"][number], found: readonly WaveTask[]): string | undefined {
  const [task] = found;
  if (!task) return `${maskNumber(toNumber)} is not on it`;
  if (found.length > 1) return `${maskNumber(toNumber)} is on it ${found.length} times`;
  if (task.variables && !isSame(task.variables, variables))
    return `the variables of ${maskNumber(toNumber)} are others than those sent`;
  return undefined;
}

/** As JSON, whatever the order of names. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([name, part]) => [name, sorted(part)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}
