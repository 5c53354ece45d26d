import { costOfStart, type StartLimits, toMoneyText } from "../start-policy.ts";
import { counted } from "../text.ts";
import { isZone, toWallTime } from "../time/zone.ts";
import { type StopWhen, toCountedText, toInstantText, toPeople } from "./steering.ts";

/** What a call costs, as far as the operator said. */
type Price = StartLimits["spend"] | undefined;

/** What ends a batch early, in one line for whoever agrees to it. `timezone` is that of the batch. */
export function toStopText(stopWhen: StopWhen, timezone: string, price?: Price): string {
  return `The batch ends ${toStopEnds(stopWhen, timezone, price).join(", or ")}: who still waits then is not called`;
}

/**
 * What ends a batch before all of its calls are made: `when 5 people have the outcome answered`, `at 2026-03-02 15:00 in America/New_York,
 * for everybody at once (2026-03-02T20:00Z)` … `timezone` is that of the batch.
 */
export function toStopEnds(stopWhen: StopWhen, timezone: string, price?: Price): readonly string[] {
  const kind = toCountedText(stopWhen);
  const { calls, atMs, count } = stopWhen;
  return [
    ...(kind !== undefined && count !== undefined ? [`when ${toPeople(count)} ${kind}`] : []),
    ...(calls === undefined
      ? []
      : [`after ${counted(calls, "call")} at most, retries included${toCostText(calls, price)}`]),
    ...(atMs === undefined ? [] : [`at ${toEndText(atMs, timezone)}`]),
  ];
}

/** ` (at most USD 20.00, USD 0.10 a call)`; empty where nobody knows what a call costs. */
function toCostText(calls: number, price: Price): string {
  if (!price) return "";
  const { pricePerCall, currency } = price;
  const most = toMoneyText(costOfStart(calls, 1, pricePerCall), currency);
  return ` (at most ${most}, ${toMoneyText(pricePerCall, currency)} a call)`;
}

function toEndText(ms: number, timezone: string): string {
  const instant = toInstantText(ms);
  if (!isZone(timezone)) return instant;
  const wall = toWallTime(new Date(ms), timezone).slice(0, 16).replace("T", " ");
  return `${wall} in ${timezone}, for everybody at once (${instant})`;
}
