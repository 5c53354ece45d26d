import { leavingReason } from "../../../domain/batch/taken-out.ts";
import type { Dialect } from "./dialect.ts";

/** The number that the next attempt of a task goes to; see `dialedNumber` of `records.ts`. */
export const dialedNumberColumn =
  "CASE WHEN tasks.fallback_after IS NULL THEN tasks.to_number ELSE tasks.fallback_number END";

/** The caller id of the first attempt at somebody who was called before; NULL for all others. `attempts` is the table's name. */
export const keptNumberColumn = (attempts: string): string => `
  CASE WHEN tasks.attempt_count > 0
    THEN (SELECT earlier.from_number FROM ${attempts} AS earlier WHERE earlier.token = tasks.id || ':1') END AS kept_number`;

/** Conditions of the last check before a dial, and of the change to a fallback number. All stand in a statement about a row of `attempts`. */
export function createNumberChecks({ schema }: Pick<Dialect, "schema">) {
  /** Who opted out with the first number is called on no other one either. */
  const isListed = (number: string) => `EXISTS (
    SELECT 1 FROM ${schema}.tasks JOIN ${schema}.do_not_call AS d ON d.phone_number IN (tasks.to_number, ${number})
    WHERE tasks.id = attempts.task_id AND d.organization_id = attempts.organization_id)`;
  /** Nobody is called under the number of somebody else: of those on the list, and of those who were called under it. */
  const isOfAnother = (number: string) => `(EXISTS (
    SELECT 1 FROM ${schema}.tasks AS another
    WHERE another.batch_id = attempts.batch_id AND another.to_number = ${number} AND another.id <> attempts.task_id
      AND (another.status <> 'cancelled' OR another.attempt_count > 0))
    OR EXISTS (
    SELECT 1 FROM ${schema}.attempts AS another
    WHERE another.organization_id = attempts.organization_id AND another.to_number = ${number}
      AND another.batch_id = attempts.batch_id AND another.task_id <> attempts.task_id))`;

  return {
    isListed: isListed("attempts.to_number"),
    isOfAnother: isOfAnother("attempts.to_number"),
    /** Whose attempt was claimed before they were taken out of the list. Counted: PostgreSQL would read all tasks for an EXISTS once, and look up in these. */
    isTakenOut: `(
      SELECT count(*) FROM ${schema}.tasks WHERE tasks.id = attempts.task_id AND tasks.reason LIKE '${leavingReason}%') > 0`,
    /** 1 when the recipient has a fallback number that was not called yet and may be; else 0. */
    hasFallback: `(SELECT count(*) FROM ${schema}.tasks AS own
      WHERE own.id = attempts.task_id AND own.fallback_number IS NOT NULL AND own.fallback_after IS NULL
        AND own.fallback_number <> attempts.from_number
        AND NOT ${isListed("own.fallback_number")} AND NOT ${isOfAnother("own.fallback_number")}) AS has_fallback`,
  };
}
