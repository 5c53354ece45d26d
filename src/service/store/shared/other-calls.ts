import { type OtherCalls, reachingOutcomes } from "../../../domain/other-calls.ts";
import { instant, known, optional, type Row } from "../rows.ts";
import type { Dialect } from "./dialect.ts";

/**
 * Columns of `OtherCalls`, for each row of `wanted`: `organization_id`, `to_number`, the `batch_id` that wants to call, and
 * `since`, before which it does not matter whom other batches reached. Each runs along one index, however often the number
 * was called.
 */
export function otherCallsColumns({ schema }: Pick<Dialect, "schema">): string {
  const toNumber = `
    FROM ${schema}.attempts AS other
    WHERE other.organization_id = wanted.organization_id AND other.to_number = wanted.to_number`;
  const reached = reachingOutcomes.map((outcome) => `'${outcome}'`).join(", ");
  return `
    (SELECT 1 ${toNumber} AND recorded_at IS NULL AND state <> 'ended' LIMIT 1) AS is_open,
    (SELECT max(recorded_at) ${toNumber}) AS last_ended_at,
    (SELECT max(recorded_at) ${toNumber} AND recorded_at > wanted.since AND other.batch_id <> wanted.batch_id
       AND (outcome IS NULL OR outcome IN (${reached}))) AS last_reached_at`;
}

export function toOtherCalls(row: Row): OtherCalls {
  return known({
    isOpen: row["is_open"] === 1,
    lastEndedAt: optional(row, "last_ended_at", instant),
    lastReachedAt: optional(row, "last_reached_at", instant),
  });
}
