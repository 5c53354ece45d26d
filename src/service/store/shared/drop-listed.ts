import { optional, text } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";

/** With this begins the reason of everybody who is not called because of the do-not-call list. */
export const doNotCallReason = "do_not_call";

/**
 * Cancels who waits under one of these numbers, in every batch of the organization that has not ended, drafts too, with what is said of the
 * number as the reason. Returns of which batches, once for each recipient. Part of the caller's transaction; who is being called meanwhile is
 * left to the last check. The batches are held before their people, as by all who change or cancel a list: else one of them may have to make
 * way, and do it again. Those who drop people hold them side by side. A batch in which nobody is left is ended by `completeFinished`.
 */
export function createDropListed({ schema, isOneOf, rowsOf, lockTasks, shareBatch }: Dialect) {
  const waits = `
    status = 'pending' AND batch_id IN (
      SELECT id FROM ${schema}.batches WHERE organization_id = $1 AND status IN ('draft', 'scheduled', 'sent'))`;
  // In one order, so that two who list numbers do not wait for each other in a circle. Whoever is called on their first number next may
  // still be, when only the other one is listed.
  const found = `
    FROM ${schema}.tasks WHERE status = 'pending' AND id IN (
      SELECT id FROM ${schema}.tasks WHERE ${isOneOf("to_number", "$2")} AND ${waits}
      UNION ALL
      SELECT id FROM ${schema}.tasks
      WHERE ${isOneOf("fallback_number", "$2")} AND fallback_after IS NOT NULL AND attempt_count > 0 AND ${waits})`;
  const waiting = `SELECT id, to_number, fallback_number ${found} ORDER BY id ${lockTasks}`;
  const hold = `SELECT id FROM ${schema}.batches WHERE id IN (SELECT batch_id ${found}) ORDER BY id ${shareBatch}`;
  const drop = `
    UPDATE ${schema}.tasks SET status = 'cancelled', reason = list.value ->> 1, due_at = NULL
    FROM ${rowsOf("$1")} WHERE tasks.id = list.value ->> 0 AND status = 'pending' RETURNING batch_id`;

  /** `said` is by number, in words for people. */
  return function* (organizationId: string, said: ReadonlyMap<string, string>): SqlWork<readonly string[]> {
    const numbers = [...said.keys()];
    if (shareBatch) yield* query(hold, [organizationId, numbers]);
    const tasks = yield* query(waiting, [organizationId, numbers]);
    if (tasks.length === 0) return [];
    const rows = tasks.map((row) => {
      const fallback = optional(row, "fallback_number", text);
      const why = said.get(text(row, "to_number")) ?? (fallback === undefined ? undefined : said.get(fallback));
      return [text(row, "id"), why ? `${doNotCallReason}: ${why}` : doNotCallReason];
    });
    return (yield* query(drop, [JSON.stringify(rows)])).map((row) => text(row, "batch_id"));
  };
}
