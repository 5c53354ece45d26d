import type { BatchCallApi } from "../../client/api.ts";
import { isApprovalChannel, resumableMs } from "../../domain/batch/grant.ts";
import { wrongState } from "../../domain/batch/wrong-state.ts";
import type { Clock } from "../../lib/clock.ts";
import { notStartable } from "../approve/index.ts";
import type { KillSwitch } from "../records/index.ts";
import type { StartAction } from "./read-batch-for-start.ts";
import type { StartLog } from "./start-log.ts";

type ResumeParts = {
  readonly api: BatchCallApi;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly account: () => Promise<string>;
};

/**
 * How a live batch goes on. Where the API keeps agreements, one that a person gave and that our own tool suspended a short while
 * ago is taken up again, unless everything was stopped since; that API decides under its lock whether it still stands. Everything else needs somebody to agree. Where an API has no pause, a
 * scheduled batch was put back to draft: it is set to its time again, or, when that has passed, `wrong_state` refers to start_batch; nothing else is paused there, and nobody is asked.
 */
export async function planResume(
  { api, startLog, clock, killSwitch, account }: ResumeParts,
  batchId: string,
  resume: Extract<StartAction, { kind: "resume" }>,
): Promise<StartAction> {
  const batch = await api.getBatch(batchId);
  const now = clock.now();
  const { grant, scheduledAt, notBeforeLocal: local, status, stateVersion } = batch;
  if (status !== "draft" && !(await api.hasBrake())) throw wrongState(batch, "resume_batch", false);
  if (status !== "draft") {
    const isAgreed = grant?.state === "suspended" && isApprovalChannel(grant.channel);
    const until = grant?.resumableUntil?.getTime() ?? 0;
    const stoppedAt = killSwitch.changedAt()?.getTime() ?? 0;
    const isSoonEnough =
      now.getTime() <= until && now.getTime() >= until - resumableMs && stoppedAt < until - resumableMs;
    if (!isAgreed || !isSoonEnough || resume.redialUnknown) return resume;
    return { ...resume, grantId: grant.grantId, ...(stateVersion !== undefined && { stateVersion }) };
  }
  const wasStarted = startLog.wasStarted(await account(), batchId);
  if (!wasStarted || scheduledAt === undefined || scheduledAt <= now) throw notStartable(batch);
  return { kind: "at", at: scheduledAt, ...(local !== undefined && { local }) };
}
