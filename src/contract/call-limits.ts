import type { CallLimits } from "../domain/batch/call-limits.ts";
import { present } from "./fields.ts";

/** The value of `x-call-limits`: `concurrent=10, concurrent_per_batch=4, starts_per_second=5`. */
export function toCallLimitsHeader({ concurrent, concurrentPerBatch, startsPerSecond }: CallLimits): string {
  const fields = present({
    concurrent,
    concurrent_per_batch: concurrentPerBatch,
    starts_per_second: startsPerSecond,
  });
  return Object.entries(fields)
    .map(([name, limit]) => `${name}=${limit}`)
    .join(", ");
}

/** Undefined where one of the two that are always there is missing or no whole number above zero. */
export function fromCallLimitsHeader(text: string | undefined): CallLimits | undefined {
  const limitOf = (name: string): number | undefined => {
    const [, digits] = new RegExp(`(?:^|, ?)${name}=([1-9]\\d{0,8})(?:,|$)`).exec(text ?? "") ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const [concurrent, startsPerSecond] = [limitOf("concurrent"), limitOf("starts_per_second")];
  if (concurrent === undefined || startsPerSecond === undefined) return undefined;
  return { concurrent, startsPerSecond, ...present({ concurrentPerBatch: limitOf("concurrent_per_batch") }) };
}
