import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { paceWindowMs, type SlotUsage } from "../../allocate-slots.ts";
import { text, whole } from "../../columns.ts";

/** Builds a reader of what is in use; the claim reads it inside its write transaction. */
export function createUsage(database: DatabaseSync): (now: Date) => SlotUsage {
  const open = database.prepare(
    "SELECT organization_id, batch_id, count(*) AS n FROM attempts WHERE state <> 'ended' GROUP BY organization_id, batch_id",
  );
  // A claim dated after `now` comes from before the clock was set back; it must not stop the caller id until then.
  const recent = database.prepare(
    `SELECT json_group_array(claimed_at) AS starts FROM (
       SELECT claimed_at FROM attempts WHERE from_number = :fromNumber AND claimed_at > :since AND claimed_at <= :now
       ORDER BY claimed_at DESC)`,
  );

  return (now) => {
    const groups = open.all().map((row) => ({
      organizationId: text(row, "organization_id"),
      batchId: text(row, "batch_id"),
      n: whole(row, "n"),
    }));
    const sumOf = (matching: (group: (typeof groups)[number]) => boolean): number =>
      groups.reduce((sum, group) => (matching(group) ? sum + group.n : sum), 0);
    const window = { now: now.getTime(), since: now.getTime() - paceWindowMs };
    return {
      openOfOrganization: (id) => sumOf(({ organizationId }) => organizationId === id),
      openOfBatch: (id) => sumOf(({ batchId }) => batchId === id),
      startsOf: (fromNumber) => readInstants(text(recent.get({ fromNumber, ...window }) ?? {}, "starts")),
    };
  };
}

// Safe: the statement makes the list, of a column that holds whole numbers only.
function readInstants(json: string): readonly Date[] {
  const list: readonly number[] = JSON.parse(json);
  return list.map((at) => new Date(at));
}
