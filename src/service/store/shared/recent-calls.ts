import type { RecentCallsQuery } from "../../../contract/recent-calls.ts";
import type { RecentCall } from "../../../contract/records.ts";
import { reachingOutcomes } from "../../../domain/other-calls.ts";
import { toTodaysNumber } from "../../../domain/phone/phone-number.ts";
import { olderFormsOf } from "../../../domain/phone/retired-forms.ts";
import { instant, optional, type Row, text } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlRunner } from "./sql-work.ts";

/**
 * See `BatchStore.recentCalls`. Runs along the index of a number's attempts. A call counts by when its end was recorded; one without an
 * end counts whenever it began. Those that an older version made to a form which a country has retired count as well.
 */
export function createRecentCalls({ run }: SqlRunner, { schema, isOneOf }: Dialect) {
  const reached = reachingOutcomes.map((outcome) => `'${outcome}'`).join(", ");
  const at = "coalesce(recorded_at, begun_at, claimed_at)";
  const calls = `
    SELECT to_number, batch_id, max(${at}) AS called_at,
      max(CASE WHEN outcome IS NULL OR outcome IN (${reached}) THEN ${at} END) AS reached_at
    FROM ${schema}.attempts
    WHERE organization_id = $1 AND ${isOneOf("to_number", "$2")} AND (${at} >= $3 OR state <> 'ended') AND NOT ${isOneOf("batch_id", "$4")}
    GROUP BY to_number, batch_id`;

  return async (organizationId: string, { numbers, since, exceptBatchIds = [] }: RecentCallsQuery) => {
    const forms = [...new Set(numbers.flatMap((number) => [number, ...olderFormsOf(number)]))];
    const byNumber = new Map<string, RecentCall>();
    for (const row of await run(query(calls, [organizationId, forms, since.getTime(), exceptBatchIds]))) {
      const call = toRecentCall(row);
      byNumber.set(call.toNumber, later(byNumber.get(call.toNumber), call));
    }
    return [...byNumber.values()];
  };
}

function toRecentCall(row: Row): RecentCall {
  const batchId = text(row, "batch_id");
  const reachedAt = optional(row, "reached_at", instant);
  return {
    toNumber: toTodaysNumber(text(row, "to_number")),
    calledAt: instant(row, "called_at"),
    batchId,
    ...(reachedAt && { reached: { at: reachedAt, batchId } }),
  };
}

function later(one: RecentCall | undefined, other: RecentCall): RecentCall {
  if (!one) return other;
  const last = other.calledAt > one.calledAt ? other : one;
  const reached = [one.reached, other.reached].filter((call) => call !== undefined);
  const [lastReached] = reached.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return { ...last, ...(lastReached && { reached: lastReached }) };
}
