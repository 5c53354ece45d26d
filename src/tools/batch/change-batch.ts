import { isGroupId } from "../../domain/batch/group.ts";
import { wrongState } from "../../domain/batch/wrong-state.ts";
import { Problem } from "../../domain/problem.ts";
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
