import { counted } from "../text.ts";
/**
 * Whoever another batch called, or reached, in so many times 24 hours before the call is not called, on any of their numbers. The
 * calls of `exceptBatchIds` do not count: those whose people are called again.
 */
export type RecentExclusion = {
  readonly calledWithinDays?: number;
  readonly reachedWithinDays?: number;
  /** Sorted, each once. */
  readonly exceptBatchIds?: readonly string[];
};

type ExcludedDays = {
  readonly calledWithinDays?: number | undefined;
  readonly reachedWithinDays?: number | undefined;
};

/** Undefined where no days are given: then nobody is excluded. */
export function toRecentExclusion(
  { calledWithinDays, reachedWithinDays }: ExcludedDays,
  exceptBatchIds: readonly string[],
): RecentExclusion | undefined {
  if (calledWithinDays === undefined && reachedWithinDays === undefined) return undefined;
  return {
    ...(calledWithinDays !== undefined && { calledWithinDays }),
    ...(reachedWithinDays !== undefined && { reachedWithinDays }),
    ...(exceptBatchIds.length > 0 && { exceptBatchIds: [...new Set(exceptBatchIds)].sort() }),
  };
}

/** In words; undefined where nobody is excluded. */
export function toExclusionText(exclude: RecentExclusion | undefined): string | undefined {
  const { calledWithinDays: called, reachedWithinDays: reached } = exclude ?? {};
  const told = [
    ...(called === undefined ? [] : [`called within ${toDaysText(called)}`]),
    ...(reached === undefined ? [] : [`reached within ${toDaysText(reached)}`]),
  ];
  if (told.length === 0) return undefined;
  const { exceptBatchIds: excepted = [] } = exclude ?? {};
  const except = excepted.length === 0 ? "" : `, except by ${toIdsText(excepted)},`;
  return `whom another batch ${told.join(" or ")}${except} is not called, as it stands right before each call`;
}

const mostNamed = 3;

/** `batch_1, batch_2 or batch_3`; of more than three, the first two and how many others. */
function toIdsText(ids: readonly string[]): string {
  const named = ids.slice(0, ids.length > mostNamed ? mostNamed - 1 : mostNamed);
  const others = ids.length - named.length;
  const all = others > 0 ? [...named, counted(others, "other")] : named;
  const [last = "", ...before] = all.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(", ")} or ${last}`;
}

function toDaysText(days: number): string {
  return days === 1 ? "24 hours" : counted(days, "day");
}
