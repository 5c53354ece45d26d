import type { Batch, Environment } from "../../domain/batch/batch.ts";
import { allowedActions, etaAt, isFinal, percentDone } from "../../domain/batch/progress.ts";
import { plainText } from "../../domain/text.ts";
import { isZone, toWallTime } from "../../domain/time/zone.ts";
import type { ToolContext } from "../tool.ts";
import type { BatchView } from "./batch-shape.ts";
import { dropUndefined } from "./drop-undefined.ts";
import type { TimeView } from "./shapes.ts";

const longestText = 500;

/** Shows a batch to the caller, with the times in its own zone. */
export async function viewBatch(batch: Batch, context: ToolContext): Promise<BatchView> {
  return toBatchView(batch, await context.api.environment(), context);
}

export function toBatchView(
  batch: Batch,
  environment: Environment,
  { clock, timezone }: Pick<ToolContext, "clock" | "timezone">,
): BatchView {
  const zone = batch.timezone ?? timezone;
  const optional = dropUndefined({
    held_reason: batch.heldReason && plainText(batch.heldReason, longestText),
    agent_id: batch.agentId,
    from_number: batch.fromNumber,
    timezone: batch.timezone,
    scheduled_at: toTimeView(batch.scheduledAt, zone),
    created_at: toTimeView(batch.createdAt, zone),
    counts: batch.counts,
    outcomes: batch.outcomes,
    calls_per_minute: batch.callsPerMinute,
    eta_at: toTimeView(etaAt(batch, clock.now()), zone),
    next_attempt_at: toTimeView(batch.nextAttemptAt, zone),
    percent_done: percentDone(batch),
  });
  return {
    batch_id: batch.batchId,
    name: plainText(batch.name, longestText),
    status: batch.status,
    is_paused: batch.isPaused,
    ...optional,
    is_final: isFinal(batch),
    allowed_actions: [...allowedActions(batch)],
    environment,
  };
}

/** A zone that the API invented is shown in UTC rather than refused. */
export function toTimeView(at: Date | undefined, zone: string): TimeView | undefined {
  if (!at) return undefined;
  return { local: toWallTime(at, isZone(zone) ? zone : "UTC"), utc: at.toISOString().replace(/\.\d+Z$/, "Z") };
}
