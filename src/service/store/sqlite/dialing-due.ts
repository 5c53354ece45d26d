import type { DatabaseSync } from "../../../sqlite.ts";
import { earliest } from "../../earliest.ts";
import type { DueQuery } from "../store.ts";
import { instant, optional } from "./columns.ts";
import { toBatch } from "./rows.ts";

/** Builds `nextDueAt`. */
export function createDueTimes(database: DatabaseSync): (query: DueQuery) => Date | undefined {
  const nextStart = database.prepare(
    "SELECT min(scheduled_at) AS at FROM batches WHERE status = 'scheduled' AND is_paused = 0 AND scheduled_at > :now",
  );
  const dialing = database.prepare("SELECT * FROM batches WHERE status = 'sent' AND is_paused = 0");
  // A task without a due time is due at once. What is due already counts from now: its batch may be closed until later.
  const dueTimes = database.prepare(
    `SELECT min(CASE WHEN due_at > :now THEN due_at END) AS later,
       max(CASE WHEN due_at IS NULL OR due_at <= :now THEN :now END) AS already
     FROM tasks WHERE batch_id = :batchId AND status = 'pending'`,
  );

  return ({ now, opensAt }) => {
    const start = nextStart.get({ now: now.getTime() }) ?? {};
    const dials = dialing
      .all()
      .map(toBatch)
      .flatMap((batch) => {
        const due = dueTimes.get({ batchId: batch.id, now: now.getTime() }) ?? {};
        const instants = [optional(due, "already", instant), optional(due, "later", instant)];
        return instants.map((at) => at && opensAt(batch, at)).filter((at) => at && at > now);
      });
    return earliest(optional(start, "at", instant), ...dials);
  };
}
