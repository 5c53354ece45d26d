import { earliest } from "../../../../lib/clock.ts";
import type { DueQuery } from "../../dial-store.ts";
import { instant, optional, toBatch } from "../../rows.ts";
import { batchColumns, postgres } from "../../shared/dialect.ts";
import { mayRing } from "../../shared/grants.ts";
import type { Sql } from "../sql.ts";

const pending = (attempts: "= 0" | "> 0"): string =>
  `FROM batch_call.tasks WHERE batch_id = batches.id AND status = 'pending' AND attempt_count ${attempts}`;
// Each runs along one index to its first entry.
const later = (attempts: "= 0" | "> 0"): string =>
  `(SELECT min(coalesce(due_at, 0)) ${pending(attempts)} AND coalesce(due_at, 0) > $1)`;
const already = (attempts: "= 0" | "> 0"): string => `(SELECT 1 ${pending(attempts)} AND coalesce(due_at, 0) <= $1)`;

/** See `DialStore.nextDueAt`. What is due already counts from `now`: its batch may be closed until later. */
export async function nextDueAt(sql: Sql, { now, opensAt }: DueQuery): Promise<Date | undefined> {
  const [start] = await sql.query(
    "SELECT min(scheduled_at) AS at FROM batch_call.batches WHERE status = 'scheduled' AND is_paused = 0 AND scheduled_at > $1",
    [now.getTime()],
  );
  const rows = await sql.query(
    `SELECT ${batchColumns}, least(${later("= 0")}, ${later("> 0")}) AS later,
       CASE WHEN EXISTS ${already("= 0")} OR EXISTS ${already("> 0")} THEN $1::bigint END AS already
     FROM batch_call.batches WHERE ${mayRing(postgres, "$1")}`,
    [now.getTime()],
  );
  const [end] = await sql.query(
    `SELECT min(last_at) AS at FROM batch_call.batches JOIN batch_call.grants ON grants.id = grant_id
     WHERE ${mayRing(postgres, "$1")}`,
    [now.getTime()],
  );
  const dials = rows.flatMap((row) => {
    const batch = toBatch(row);
    const instants = [optional(row, "already", instant), optional(row, "later", instant)];
    return instants.map((at) => at && opensAt(batch, at)).filter((at) => at && at > now);
  });
  return earliest(optional(start ?? {}, "at", instant), optional(end ?? {}, "at", instant), ...dials);
}
