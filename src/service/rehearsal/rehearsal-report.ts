import type { RehearsalReport } from "../../contract/rehearsal.ts";
import type { Counts } from "../../domain/batch/batch.ts";
import { zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import { toWallTime } from "../../domain/time/zone.ts";
import type { BatchStore, StoredAttempt, StoredBatch } from "../store/index.ts";

const everything = { page: 0 } as const;
const noCounts: Counts = { total: 0, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 };
const oldestFirst = { by: "created_at", order: "ascending" } as const;

/** The outcome of an organization's batches since `startedAt`. */
export async function reportRehearsal(
  store: BatchStore,
  organizationId: string,
  startedAt: Date,
  now: Date,
): Promise<RehearsalReport> {
  const { rows: batches } = await store.listBatches(organizationId, {}, oldestFirst, everything);
  const facts = await store.facts(
    batches.map(({ id }) => id),
    now,
  );
  const hours = new Map<string, RehearsalReport["hours"][number]>();
  const recipientHours = new Map<string, RehearsalReport["hours"][number]>();
  const outcomes: Record<string, number> = {};
  const lines: RehearsalReport["batches"] = [];
  for (const batch of batches) {
    const calls = (await store.listCalls(organizationId, { batchId: batch.id }, everything)).rows.filter(hasStarted);
    for (const call of calls) {
      addToHour(hours, batch.timezone, call);
      addToHour(recipientHours, zonesOfRecipient(call.toNumber)[0] ?? batch.timezone, call);
      if (call.outcome !== undefined) outcomes[call.outcome] = (outcomes[call.outcome] ?? 0) + 1;
    }
    const counts = facts.get(batch.id)?.counts ?? noCounts;
    lines.push({
      batch_call_id: batch.id,
      name: batch.name,
      status: batch.status,
      is_paused: batch.isPaused,
      timezone: batch.timezone,
      recipients: counts.total,
      reached: counts.completed,
      never_reached: counts.failed,
      unknown: counts.unknown,
      cancelled: counts.cancelled,
      calling: counts.calling,
      waiting: counts.pending,
      calls: calls.length,
      ...endOf(calls.map(({ endedAt }) => endedAt)),
    });
  }
  return {
    started_at: startedAt.toISOString(),
    now: now.toISOString(),
    is_over: !batches.some(goesOn),
    ...endOf(lines.map(({ ends_at: at }) => (at === undefined ? undefined : new Date(at)))),
    calls: lines.reduce((sum, { calls }) => sum + calls, 0),
    batches: lines,
    hours: inOrder(hours),
    recipient_hours: inOrder(recipientHours),
    outcomes,
  };
}

/** Whether time alone will bring the batch further. */
export function goesOn({ status, isPaused }: StoredBatch): boolean {
  return !isPaused && (status === "scheduled" || status === "sent");
}

type StartedCall = StoredAttempt & { readonly startedAt: Date };

function hasStarted(call: StoredAttempt): call is StartedCall {
  return call.startedAt !== undefined;
}

function inOrder(hours: ReadonlyMap<string, RehearsalReport["hours"][number]>): RehearsalReport["hours"] {
  return [...hours.values()].sort((a, b) => compare(a.timezone, b.timezone) || compare(a.hour, b.hour));
}

function addToHour(hours: Map<string, RehearsalReport["hours"][number]>, timezone: string, call: StartedCall): void {
  const hour = toWallTime(call.startedAt, timezone).slice(0, "2026-03-02T09".length);
  const line = hours.get(`${timezone} ${hour}`) ?? { timezone, hour, calls: 0, answered: 0 };
  line.calls += 1;
  if (call.outcome === "answered") line.answered += 1;
  hours.set(`${timezone} ${hour}`, line);
}

function endOf(instants: readonly (Date | undefined)[]): { ends_at?: string } {
  const latest = Math.max(...instants.map((at) => at?.getTime() ?? Number.NEGATIVE_INFINITY));
  return Number.isFinite(latest) ? { ends_at: new Date(latest).toISOString() } : {};
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
