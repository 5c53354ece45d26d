import type { BatchView } from "./batch-shape.ts";
import type { TimeView } from "./shapes.ts";

const barLength = 20;

/** What every tool declares of a batch; the rest is shown where it is there. */
type Shown = Pick<BatchView, "batch_id" | "name" | "is_paused"> & { readonly status: string } & Partial<
    Omit<BatchView, "status">
  >;

/** One line: `"June reminders" (batch_call_…): sent, 40% of 30 done, simulated`. */
export function toBatchLine(batch: Shown): string {
  const paused = batch.is_paused ? ", paused" : "";
  const done = batch.counts ? `, ${batch.percent_done ?? 0}% of ${batch.counts.total} done` : "";
  const time = batch.status === "scheduled" && batch.scheduled_at ? ` for ${toTimeText(batch.scheduled_at)}` : "";
  const environment = batch.environment ? `, ${batch.environment}` : "";
  return `"${batch.name}" (${batch.batch_id}): ${batch.status}${time}${paused}${done}${environment}`;
}

/** The batch in a few lines, with a bar. */
export function toBatchText(batch: Shown): string {
  const { counts, outcomes, percent_done: percent, allowed_actions: actions } = batch;
  return lines(
    toBatchLine(batch),
    batch.held_reason && `Held: ${batch.held_reason}`,
    (batch.agent_id || batch.from_number) &&
      `Agent ${batch.agent_id ?? "unknown"}, from ${batch.from_number ?? "unknown"}, zone ${batch.timezone ?? "unknown"}`,
    batch.status !== "scheduled" && batch.scheduled_at && `Start time: ${toTimeText(batch.scheduled_at)}`,
    percent !== undefined && counts && `${toBar(percent)} ${percent}%`,
    counts && `Recipients: ${toNumbers(counts)}`,
    outcomes && `Last outcomes: ${toNumbers(outcomes)}`,
    batch.calls_per_minute !== undefined && `Pace: ${batch.calls_per_minute} calls a minute`,
    batch.eta_at && `Expected end: ${toTimeText(batch.eta_at)}`,
    batch.next_attempt_at && `Next attempt: ${toTimeText(batch.next_attempt_at)}`,
    batch.is_final && "Final: nothing will change any more.",
    actions && `Can be used now: ${actions.join(", ")}`,
  );
}

export function toTimeText({ local, utc }: TimeView): string {
  return `${local} local (${utc})`;
}

/** The parts that are there, a line each. */
export function lines(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part).join("\n");
}

function toBar(percent: number): string {
  const filled = Math.round((percent / 100) * barLength);
  return `[${"#".repeat(filled)}${"-".repeat(barLength - filled)}]`;
}

function toNumbers(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${number}`)
    .join(", ");
}
