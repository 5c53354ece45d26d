import type { Batch } from "../../domain/batch/batch.ts";
import { allowedActions } from "../../domain/batch/progress.ts";
import { Problem } from "../../domain/problem.ts";
import type { StartAction } from "../start/index.ts";

/** For a group none of whose parts the action is for. */
export function nothingToStart(batch: Batch, { kind }: Pick<StartAction, "kind">, hasBrake: boolean): Problem {
  const { batchId, status, isPaused } = batch;
  const held = isPaused ? ", and paused" : "";
  const allowed = allowedActions(batch, hasBrake).join(", ") || "nothing";
  const message = `${batchId} is ${status}${held}: none of its parts can be ${kind === "resume" ? "resumed" : "started"} by this. Nothing was started and nobody was called. Allowed from here: ${allowed}.`;
  return new Problem("wrong_state", message);
}
