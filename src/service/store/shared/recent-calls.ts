import type { RecentCallsQuery } from "../../../contract/recent-calls.ts";
import type { RecentCall } from "../../../contract/records.ts";
import { reachingOutcomes } from "../../../domain/other-calls.ts";
import { toTodaysNumber } from "../../../domain/phone/phone-number.ts";
import { olderFormsOf } from "../../../domain/phone/retired-forms.ts";
import type { BatchStore } from "../batch-store.ts";
import type { Claim, DialRefusal } from "../dial-store.ts";
import { instant, optional, type Row, text, whole } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { dialedNumberColumn } from "./fallback-numbers.ts";
import { query, type SqlParameter, type SqlRunner } from "./sql-work.ts";

/** Of a recipient whom the rules of the batch excluded right before a call. */
export const excludedReason = "excluded" satisfies DialRefusal;

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const reached = reachingOutcomes.map((outcome) => `'${outcome}'`).join(", ");
/** A call that goes on, or whose end nobody knows, counts as one that reached somebody. */
const mayHaveReached = `(outcome IS NULL OR outcome IN (${reached}))`;
/** When a call counts: when its end was recorded, else when it began. */
const calledAt = "coalesce(recorded_at, begun_at, claimed_at)";

/** What a condition of exclusion is asked with: the places of a statement's parameters, or columns. Lists are of texts. */
type ExclusionPlaces = Record<"numbers" | "exceptions" | "called" | "reachedSince", string>;

/**
 * A condition for the last check before a dial, in a statement about a row of `attempts`: whether another batch called its
 * recipient so lately that the rules exclude them; asked with what `exclusionOf` tells. What was claimed and did
 * not pass its own last check has rung nobody: of two batches that exclude each other's people the first one rings.
 */
export function exclusionCondition({ schema, isOneOf }: Dialect, places: ExclusionPlaces): string {
  const { numbers, exceptions, called, reachedSince } = places;
  const at = "coalesce(earlier.recorded_at, earlier.begun_at, earlier.claimed_at)";
  return `EXISTS (
    SELECT 1 FROM ${schema}.attempts AS earlier
    WHERE earlier.organization_id = attempts.organization_id AND ${isOneOf("earlier.to_number", numbers)}
      AND earlier.batch_id <> attempts.batch_id AND NOT ${isOneOf("earlier.batch_id", exceptions)} AND earlier.state <> 'claimed'
      AND (earlier.state <> 'ended' OR ${at} >= ${called}
        OR (${at} >= ${reachedSince} AND (earlier.outcome IS NULL OR earlier.outcome IN (${reached})))))`;
}

/**
 * Whom the rules of a claim exclude; undefined where they exclude nobody. They are those of the batch, as long as the agreement under
 * which it was claimed stands. Instants are in ms since 1970, later than any call where no days are given.
 */
export function exclusionOf(claim: Claim, now: Date) {
  const { exclude } = claim.batch.rules;
  if (!exclude) return undefined;
  const { calledWithinDays, reachedWithinDays, exceptBatchIds: exceptions = [] } = exclude;
  const [called, reachedSince] = [sinceMs(calledWithinDays, now), sinceMs(reachedWithinDays, now)];
  return { numbers: numbersOfPerson(claim), exceptions, called, reachedSince };
}

/** Builds the condition with parameters from `firstParameter` on, which are `values`; none where nobody is excluded. */
export function createExclusionCheck(dialect: Dialect, firstParameter: number) {
  const [numbers = "", exceptions = "", called = "", reachedSince = ""] = [0, 1, 2, 3].map(
    (offset) => `$${firstParameter + offset}`,
  );
  const condition = exclusionCondition(dialect, { numbers, exceptions, called, reachedSince });
  return (claim: Claim, now: Date): { readonly isExcluded: string; readonly values: readonly SqlParameter[] } => {
    const asked = exclusionOf(claim, now);
    if (!asked) return { isExcluded: "FALSE", values: [] };
    return { isExcluded: condition, values: [asked.numbers, asked.exceptions, asked.called, asked.reachedSince] };
  };
}

/** Every number of the recipient of a claim, with the older forms in which an earlier version may have called it. Sorted. */
export function numbersOfPerson({ attempt, task }: Claim): readonly string[] {
  const { toNumber, fallbackNumber = toNumber } = task;
  return formsOf([attempt.toNumber, toNumber, fallbackNumber]).toSorted();
}

function sinceMs(days: number | undefined, now: Date): number {
  return days === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, now.getTime() - days * dayMs);
}

function formsOf(numbers: readonly string[]): readonly string[] {
  return [...new Set(numbers.flatMap((number) => [number, ...olderFormsOf(number)]))];
}

/**
 * See `BatchStore.recentCalls`. Runs along the index of a number's attempts. A call counts by when its end was recorded; one without an
 * end counts whenever it began. Those that an older version made to a form which a country has retired count as well.
 */
export function createRecentCalls({ run }: SqlRunner, { schema, isOneOf }: Dialect) {
  const calls = `
    SELECT to_number, batch_id, max(${calledAt}) AS called_at,
      max(CASE WHEN ${mayHaveReached} THEN ${calledAt} END) AS reached_at,
      max(CASE WHEN ${mayHaveReached} THEN recorded_at END) AS over_at
    FROM ${schema}.attempts
    WHERE organization_id = $1 AND ${isOneOf("to_number", "$2")} AND (${calledAt} >= $3 OR state <> 'ended') AND NOT ${isOneOf("batch_id", "$4")}
    GROUP BY to_number, batch_id`;

  return async (organizationId: string, { numbers, since, exceptBatchIds = [] }: RecentCallsQuery) => {
    const byNumber = new Map<string, RecentCall>();
    for (const row of await run(query(calls, [organizationId, formsOf(numbers), since.getTime(), exceptBatchIds]))) {
      const call = toRecentCall(row);
      byNumber.set(call.toNumber, later(byNumber.get(call.toNumber), call));
    }
    return [...byNumber.values()];
  };
}

/** See `BatchStore.heldByCalls`: the same condition as `otherCallsColumns`, with the batch whose call it is. */
export function createHeldByCalls({ run }: SqlRunner, { schema, isOneOf }: Dialect): BatchStore["heldByCalls"] {
  const calls = `
    FROM ${schema}.attempts AS other
    WHERE other.organization_id = $2 AND other.to_number = waiting.number AND recorded_at > $3 AND other.batch_id <> $1
      AND ${mayHaveReached}`;
  const held = `
    SELECT held_by, count(*) AS recipients, min(reached_at) AS first_reached_at, max(reached_at) AS last_reached_at
    FROM (
      SELECT due_at, not_before, (SELECT max(recorded_at) ${calls}) AS reached_at,
        (SELECT other.batch_id ${calls} ORDER BY recorded_at DESC LIMIT 1) AS held_by
      FROM (
        SELECT due_at, not_before, ${dialedNumberColumn} AS number FROM ${schema}.tasks
        WHERE batch_id = $1 AND status = 'pending' AND coalesce(due_at, 0) >= $6) AS waiting
      WHERE NOT ${isOneOf("number", "$5")}) AS found
    WHERE held_by IS NOT NULL AND reached_at + $4 > coalesce(not_before, 0) AND reached_at + $4 >= coalesce(due_at, 0)
    GROUP BY held_by ORDER BY recipients DESC, held_by`;

  return async ({ id, organizationId }, { from, hours, exceptNumbers, isLookedAt }) => {
    const restsForMs = hours * hourMs;
    const since = from.getTime() - restsForMs;
    const dueFrom = isLookedAt ? from.getTime() + 1 : 0;
    const rows = await run(query(held, [id, organizationId, since, restsForMs, exceptNumbers, dueFrom]));
    return rows.map((row) => ({
      batchId: text(row, "held_by"),
      recipients: whole(row, "recipients"),
      first: new Date(whole(row, "first_reached_at") + restsForMs),
      last: new Date(whole(row, "last_reached_at") + restsForMs),
    }));
  };
}

function toRecentCall(row: Row): RecentCall {
  const batchId = text(row, "batch_id");
  const reachedAt = optional(row, "reached_at", instant);
  const overAt = optional(row, "over_at", instant);
  return {
    toNumber: toTodaysNumber(text(row, "to_number")),
    calledAt: instant(row, "called_at"),
    batchId,
    ...(reachedAt && { reached: { at: reachedAt, batchId } }),
    ...(overAt && { reachedAndOver: { at: overAt, batchId } }),
  };
}

function later(one: RecentCall | undefined, other: RecentCall): RecentCall {
  if (!one) return other;
  const last = other.calledAt > one.calledAt ? other : one;
  const reached = lastOf(one.reached, other.reached);
  const reachedAndOver = lastOf(one.reachedAndOver, other.reachedAndOver);
  return { ...last, ...(reached && { reached }), ...(reachedAndOver && { reachedAndOver }) };
}

function lastOf(one: RecentCall["reached"], other: RecentCall["reached"]): RecentCall["reached"] {
  return one && (!other || one.at >= other.at) ? one : other;
}
