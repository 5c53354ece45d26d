import type { BatchCallApi } from "../../client/api.ts";
import type { Clock } from "../../lib/clock.ts";
import { notStartable } from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { KillSwitch } from "../records/index.ts";
import { readBatchForStart, type StartAction } from "./read-batch-for-start.ts";
import type { StartLog } from "./start-log.ts";

const freelyResumedForMs = 15 * 60 * 1000;

type ResumeParts = {
  readonly api: BatchCallApi;
  readonly creations: CreationLog;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly account: () => Promise<string>;
};

/**
 * How a live batch goes on, and whether that needs a person. It does not within 15 minutes of a pause by our own tool, when a
 * start of the batch was made here and nothing stopped everything since. Where an API has no pause, a scheduled batch was put back
 * to draft: it is set to its time again, or, when that has passed, `wrong_state` refers to start_batch.
 */
export async function planResume(
  parts: ResumeParts,
  batchId: string,
  resume: Extract<StartAction, { kind: "resume" }>,
): Promise<{ readonly action: StartAction; readonly needsApproval: boolean }> {
  const { startLog, clock, killSwitch } = parts;
  const { batch } = await readBatchForStart(parts, batchId);
  const account = await parts.account();
  const now = clock.now();
  const pausedAt = startLog.pausedAt(account, batchId);
  const stoppedAt = killSwitch.changedAt();
  const isFree =
    pausedAt !== undefined &&
    now.getTime() - pausedAt.getTime() <= freelyResumedForMs &&
    (stoppedAt === undefined || stoppedAt < pausedAt) &&
    startLog.wasStarted(account, batchId);
  if (batch.status !== "draft") return { action: resume, needsApproval: !isFree || resume.redialUnknown };
  const { scheduledAt } = batch;
  if (pausedAt === undefined || scheduledAt === undefined || scheduledAt <= now) throw notStartable(batch);
  return { action: { kind: "at", at: scheduledAt }, needsApproval: !isFree };
}
