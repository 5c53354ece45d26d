import { afterOpenMinutes } from "../time/quiet-hours.ts";
import { isZone } from "../time/zone.ts";
import { type Batch, type BatchStatus, type Counts, taskStatuses } from "./batch.ts";
import { recipientClock } from "./plan.ts";
import { callsLeft } from "./steering.ts";

/** Names of the tools that act on a batch. */
type BatchAction =
  | "start_batch"
  | "pause_batch"
  | "resume_batch"
  | "cancel_batch"
  | "update_batch"
  | "get_batch_results"
  | "export_batch_results";

export function addsUp(counts: Counts): boolean {
  return taskStatuses.reduce((sum, status) => sum + counts[status], 0) === counts.total;
}

function hasEnded(status: BatchStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** True when nothing of the batch can change any more: it has ended and its last call is over. */
export function isFinal(batch: Batch): boolean {
  return hasEnded(batch.status) && (batch.counts?.calling ?? 0) === 0;
}

/**
 * Recipients who will not be called any more, in whole per cent: 100 only when all are. Before the start those who were dropped do not
 * count. Undefined when not known.
 */
export function percentDone({ status, counts }: Batch): number | undefined {
  if (counts && counts.total > 0) {
    const isStarted = status !== "draft" && status !== "scheduled";
    if (!isStarted) return Math.floor((100 * (counts.completed + counts.failed + counts.unknown)) / counts.total);
    return Math.floor((100 * (counts.total - counts.pending - counts.calling)) / counts.total);
  }
  if (hasEnded(status)) return 100;
  return status === "sent" ? undefined : 0;
}

/**
 * When the recipients still open will have been called once more, at the pace of the last minute, outside of the batch's quiet hours, and
 * not before the next one is due; no more of them than `stop_when` leaves calls. Retries that may follow are not in it. Undefined when the
 * batch does not run, the pace is not known, or it says nothing of the end: because people wait for a line, which is the provider's
 * matter, or for hours of their own, the last of which may open long after the next.
 */
export function etaAt(batch: Batch, now: Date): Date | undefined {
  const {
    status,
    isPaused,
    counts,
    callsPerMinute,
    nextAttemptAt,
    heldRules,
    steered,
    lineWait,
    timezone = "UTC",
  } = batch;
  if (status !== "sent" || isPaused || !counts || !callsPerMinute) return undefined;
  if (lineWait && lineWait.until > now) return undefined;
  const open = counts.pending + counts.calling;
  if (open === 0 || mayWaitForOwnHours(batch)) return undefined;
  const goesOnAt = nextAttemptAt && nextAttemptAt > now ? nextAttemptAt : now;
  const quiet = heldRules?.quietHours ?? undefined;
  const { stopWhen } = steered?.rules ?? {};
  // At least one call was made to everybody who was called: so many are left at most.
  const left = callsLeft(stopWhen, steered?.called ?? 0);
  const calls = left === undefined ? open : Math.min(open, counts.calling + left);
  const minutes = calls / callsPerMinute;
  const at = isZone(quiet?.zone ?? timezone)
    ? afterOpenMinutes(quiet, timezone, goesOnAt, minutes)
    : new Date(goesOnAt.getTime() + minutes * 60_000);
  return notAfter(at, stopWhen?.atMs);
}

const ownHours = ["not_before", "recipient_clock", "calling_hours", "hours_preset", "other_call"] as const;

/** Whether somebody waits, or may come to wait, for an hour that is not that of all. */
function mayWaitForOwnHours({ heldRules, notBeforeLocal, waitsFor }: Batch): boolean {
  const { enabled = false, zone } = heldRules?.quietHours ?? {};
  if (enabled && zone === recipientClock) return true;
  if (!waitsFor) return notBeforeLocal !== undefined;
  return ownHours.some((kind) => (waitsFor[kind] ?? 0) > 0);
}

/** When the next call is made; undefined where none is, or `stop_when` ends the batch before it. */
export function nextCallAt({ nextAttemptAt: at, steered }: Batch): Date | undefined {
  const endMs = steered?.rules.stopWhen?.atMs ?? Number.POSITIVE_INFINITY;
  return at && at.getTime() < endMs ? at : undefined;
}

/** That instant, or the one at which `stop_when` ends the batch. */
export function notAfter(at: Date, lastMs = Number.POSITIVE_INFINITY): Date {
  return new Date(Math.min(at.getTime(), lastMs));
}

/**
 * The tools that can do something for a batch in its present state, the likeliest next step first. Without a brake the
 * API cannot pause, resume or cancel; what has not begun is put back to draft or deleted there instead, and our record keeps it. Of linked batches,
 * what can be done for any of them; where some are held, a resume starts the others too.
 */
export function allowedActions({ parts, ...batch }: Batch, hasBrake: boolean): readonly BatchAction[] {
  if (!parts) return actionsOf(batch, hasBrake);
  const ofParts = parts.flatMap(({ status, isHeld }) =>
    status === "not_created" || status === "deleted" ? [] : actionsOf({ status, isPaused: isHeld }, hasBrake),
  );
  const isResumed = hasBrake && ofParts.includes("resume_batch");
  return inOrder.filter((action) => ofParts.includes(action) && !(isResumed && action === "start_batch"));
}

const inOrder: readonly BatchAction[] = [
  "start_batch",
  "resume_batch",
  "pause_batch",
  "update_batch",
  "cancel_batch",
  "get_batch_results",
  "export_batch_results",
];

function actionsOf(
  { status, isPaused, heldReason }: Pick<Batch, "status" | "isPaused" | "heldReason">,
  hasBrake: boolean,
): readonly BatchAction[] {
  const isHeld = isPaused || heldReason !== undefined;
  const results = ["get_batch_results", "export_batch_results"] as const;
  switch (status) {
    case "draft":
      // Held by being put back to draft, where the API has no pause.
      return isHeld
        ? ["resume_batch", "start_batch", "update_batch", "cancel_batch"]
        : ["start_batch", "update_batch", "cancel_batch"];
    case "scheduled":
      if (!isHeld) return ["start_batch", "pause_batch", "update_batch", "cancel_batch"];
      return hasBrake ? ["resume_batch", "update_batch", "cancel_batch"] : ["update_batch", "cancel_batch"];
    case "sent":
      return hasBrake ? [isHeld ? "resume_batch" : "pause_batch", "update_batch", "cancel_batch", ...results] : results;
    case "cancelled":
    case "completed":
    case "failed":
      return results;
  }
}

/** Whom a start would call of a batch that did not begin: all but those who were cancelled. */
export function peopleToCall({ total, counts }: Pick<Batch, "total" | "counts">): number {
  return total - (counts?.cancelled ?? 0);
}
