import type { RehearsalReport } from "../contract/rehearsal.ts";
import { counted } from "../domain/text.ts";

/** The report of a rehearsal as tables for a terminal. */
export function toRehearsalText({
  batches,
  hours,
  calls,
  ends_at: endsAt,
  is_over: isOver,
  now,
}: RehearsalReport): string {
  const end = isOver ? `over at ${endsAt ?? now}` : `not over: it is ${now} on the virtual clock`;
  const batchRows = batches.map((batch) => [
    batch.name,
    batch.is_paused ? "paused" : batch.status,
    batch.recipients,
    batch.reached,
    batch.never_reached,
    batch.recipients - batch.reached - batch.never_reached,
    batch.calls,
    batch.ends_at ?? "",
  ]);
  const hourRows = hours.map(({ timezone, hour, ...sums }) => [
    timezone,
    hour.replace("T", " ").concat(":00"),
    sums.calls,
    sums.answered,
  ]);
  return [
    `Rehearsal: ${counted(calls, "call")}, ${end}`,
    "",
    ...toTable(
      ["batch", "status", "recipients", "reached", "never reached", "others", "calls", "last call ended"],
      batchRows,
    ),
    "",
    ...toTable(["zone", "hour", "calls", "answered"], hourRows),
  ].join("\n");
}

/** Columns as wide as their widest cell; numbers stand to the right. */
function toTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => `${row[column]}`.length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        typeof cell === "number" ? `${cell}`.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
