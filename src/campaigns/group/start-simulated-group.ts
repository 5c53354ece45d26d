import type { Batch } from "../../domain/batch/batch.ts";
import type { StartAction } from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import { doToParts, type GroupStepParts, type LivePart, readParts } from "./steps.ts";

/** The parts that an action is for: those that did not begin, or for a resume those that are paused or held. */
export function partsFor(action: StartAction, parts: readonly LivePart[]): readonly LivePart[] {
  return parts.filter(({ batch: { status, isPaused, heldReason } }) => {
    const isHeld = isPaused || heldReason !== undefined;
    const hasEnded = status !== "draft" && status !== "scheduled" && status !== "sent";
    return action.kind === "resume" ? isHeld && !hasEnded : !isHeld && (status === "draft" || status === "scheduled");
  });
}

/** Begins the parts of a group that rings nobody. Where that was cut off, a repeat begins those that are left. */
export async function startSimulatedGroup(
  parts: GroupStepParts,
  group: GroupRecord,
  action: StartAction,
  startPart: (batchId: string) => Promise<Batch>,
): Promise<Batch> {
  const chosen = partsFor(action, await readParts(parts, group));
  return doToParts(parts, group, chosen, {
    verb: action.kind === "resume" ? "resumed" : "started",
    work: ({ batch }) => startPart(batch.batchId),
  });
}
