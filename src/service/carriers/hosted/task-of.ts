import type { WaveTask } from "../../../contract/hosted-wave.ts";
import { numberFinder } from "../../../domain/phone/shown-number.ts";

/** The task of a number: as it was sent, else the only one that is the same number in another form. */
export function taskOf(tasks: readonly WaveTask[], number: string): WaveTask | undefined {
  const asSent = tasks.find(({ toNumber }) => toNumber === number);
  if (asSent) return asSent;
  const find = numberFinder([number]);
  const [task, ...others] = tasks.filter(({ toNumber }) => find(toNumber) !== undefined);
  return others.length === 0 ? task : undefined;
}
