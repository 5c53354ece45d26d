import { Problem } from "../problem.ts";
import { queueInFront } from "../queue-in-front.ts";
import { plainText } from "../text.ts";
import type { Batch } from "./batch.ts";
import { allowedActions } from "./progress.ts";

/** Builds the refusal for a batch whose state does not allow the action. */
export function wrongState(batch: Batch, action: string, hasBrake: boolean, cause?: unknown): Problem {
  const allowed = allowedActions(batch, hasBrake);
  const message = `${batch.batchId} ("${plainText(batch.name, 100)}") is ${describeState(batch)}, so ${action} cannot be done. Nothing was changed. Allowed from here: ${allowed.join(", ") || "nothing"}.${hasBrake ? "" : wayWithBrake(batch, action)}`;
  return new Problem("wrong_state", message, { cause });
}

/** Where our own service allows it in that state. */
function wayWithBrake(batch: Batch, action: string): string {
  return allowedActions(batch, true).some((allowed) => allowed === action)
    ? ` ${queueInFront(`allows ${action} of such a batch`)}`
    : "";
}

function describeState({ status, isPaused, heldReason }: Batch): string {
  const held = heldReason ? ` (${plainText(heldReason, 300)})` : "";
  return isPaused ? `${status} and paused${held}` : `${status}${held}`;
}
