import { earliest } from "../../../../lib/earliest.ts";
import type { DatabaseSync } from "../../../../lib/sqlite.ts";
import { instant, optional } from "../../columns.ts";
import type { DueQuery } from "../../dial-store.ts";
import type { StoredBatch } from "../../records.ts";
import { toBatch } from "../../rows.ts";

/** Builds `nextDueAt`. */
export function createDueTimes(database: DatabaseSync): (query: DueQuery) => Date | undefined {
  const nextStart = database.prepare(
    "SELECT min(scheduled_at) AS at FROM batches WHERE status = 'scheduled' AND is_paused = 0 AND scheduled_at > :now",
  );
  const dialing = database.prepare("SELECT * FROM batches WHERE status = 'sent' AND is_paused = 0");
  const pending = (attempts: string, dueAt: string): string =>
    `FROM tasks WHERE batch_id = :batchId AND status = 'pending' AND attempt_count ${attempts} AND due_at ${dueAt}`;
  const later = database.prepare(
    `SELECT min(at) AS at FROM (
       SELECT min(due_at) AS at ${pending("= 0", "> :now")} UNION ALL SELECT min(due_at) ${pending("> 0", "> :now")})`,
  );
  // A task without a due time is due at once.
  const already = database.prepare(
    `SELECT EXISTS (SELECT 1 ${pending("= 0", "IS NULL")}) OR EXISTS (SELECT 1 ${pending("= 0", "<= :now")})
       OR EXISTS (SELECT 1 ${pending("> 0", "<= :now")}) AS is_due`,
  );

  return ({ now, opensAt }) => {
    const dueAfterNow = (batch: StoredBatch): readonly (Date | undefined)[] => {
      const query = { batchId: batch.id, now: now.getTime() };
      const laterAt = optional(later.get(query) ?? {}, "at", instant);
      const opensLaterAt = laterAt && opensAt(batch, laterAt);
      const opensNextAt = opensAt(batch, now);
      // What is due already counts from the hour at which its batch may dial again.
      const isHeldBack = opensNextAt > now && already.get(query)?.["is_due"] === 1;
      return isHeldBack ? [opensNextAt, opensLaterAt] : [opensLaterAt];
    };
    const start = nextStart.get({ now: now.getTime() }) ?? {};
    return earliest(optional(start, "at", instant), ...dialing.all().map(toBatch).flatMap(dueAfterNow));
  };
}
