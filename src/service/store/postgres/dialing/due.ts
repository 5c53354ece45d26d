import { earliest } from "../../../../lib/clock.ts";
import type { DueQuery } from "../../dial-store.ts";
import type { TurnOrder } from "../../due-task.ts";
import { instant, optional, type Row, text } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { mayRing } from "../../shared/grants.ts";
import type { Sql } from "../sql.ts";
import type { BatchMemory } from "./batch-memory.ts";

const pending = (attempts: "= 0" | "> 0"): string =>
  `FROM batch_call.tasks WHERE batch_id = batches.id AND status = 'pending' AND attempt_count ${attempts}`;
// Each runs along one index to its first entry.
const later = (attempts: "= 0" | "> 0"): string =>
  `(SELECT min(coalesce(due_at, 0)) ${pending(attempts)} AND coalesce(due_at, 0) > $1)`;
const already = (attempts: "= 0" | "> 0"): string =>
  `EXISTS (SELECT 1 ${pending(attempts)} AND coalesce(due_at, 0) <= $1)`;

const first = (attempts: "= 0" | "> 0", now: string): string =>
  `(SELECT '${attempts === "= 0" ? 0 : 1} ' || coalesce(due_at, 0) || ' ' || row_number ${pending(attempts)}
     AND coalesce(due_at, 0) <= ${now} ORDER BY coalesce(due_at, 0), row_number LIMIT 1)`;

/** A column for a row of `batches`: who comes first of those who wait for nothing but a place; `now` is the place of the instant among the parameters. */
export function firstTurnColumn(now: string): string {
  return `coalesce(${first("= 0", now)}, ${first("> 0", now)}) AS first_turn`;
}

export function toFirstTurn(row: Row): TurnOrder | undefined {
  const [isRetry = 0, dueMs = 0, place = 0] = optional(row, "first_turn", text)?.split(" ").map(Number) ?? [];
  return place === 0 ? undefined : { isRetry: isRetry === 1, dueMs, row: place };
}

const ringing = {
  condition: mayRing(postgres, "$1"),
  columns: `least(${later("= 0")}, ${later("> 0")}) AS later, CASE WHEN ${already("= 0")} OR ${already("> 0")} THEN $1::bigint END AS already`,
};

/** See `DialStore.nextDueAt`. What is due already counts from `now`: its batch may be closed until later. */
export async function nextDueAt(sql: Sql, { now, opensAt }: DueQuery, memory: BatchMemory): Promise<Date | undefined> {
  const [start] = await sql.query(
    "SELECT min(scheduled_at) AS at FROM batch_call.batches WHERE status = 'scheduled' AND is_paused = 0 AND scheduled_at > $1",
    [now.getTime()],
  );
  const found = await memory.read(sql, { ...ringing, values: [now.getTime()] });
  const dials = found.flatMap(({ batch, row }) => {
    const instants = [optional(row, "already", instant), optional(row, "later", instant)];
    return instants.map((at) => at && opensAt(batch, at)).filter((at) => at && at > now);
  });
  const ends = found.map(({ batch }) => batch.agreedUntil);
  return earliest(optional(start ?? {}, "at", instant), ...ends, ...dials);
}
