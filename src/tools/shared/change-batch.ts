import type { Batch } from "../../domain/batch/batch.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import { allowedActions } from "../../domain/batch/progress.ts";
import { Problem } from "../../domain/problem.ts";
import { plainText } from "../../domain/text.ts";
import type { ToolContext } from "../tool.ts";

/**
 * Does something to a batch. When its state forbids that, the `wrong_state` that is thrown names the state and what is
 * allowed from it.
 */
export async function changeBatch<T>(
  batchId: string,
  action: string,
  { api }: ToolContext,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    // Of a group some parts may have been changed, and the refusal says which.
    if (!(error instanceof Problem) || error.code !== "wrong_state" || isGroupId(batchId)) throw error;
    throw wrongState(await api.getBatch(batchId), action, await api.hasBrake(), error);
  }
}

/** Builds the refusal for a batch whose state does not allow the action. */
export function wrongState(batch: Batch, action: string, hasBrake: boolean, cause?: unknown): Problem {
  const allowed = allowedActions(batch, hasBrake);
  const message = `${batch.batchId} ("${plainText(batch.name, 100)}") is ${describeState(batch)}, so ${action} cannot be done. Nothing was changed. Allowed from here: ${allowed.join(", ") || "nothing"}.`;
  return new Problem("wrong_state", message, { cause });
}

function describeState({ status, isPaused, heldReason }: Batch): string {
  const held = heldReason ? ` (${plainText(heldReason, 300)})` : "";
  return isPaused ? `${status} and paused${held}` : `${status}${held}`;
}
