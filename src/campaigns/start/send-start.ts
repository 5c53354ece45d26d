import { mayHaveSucceeded } from "../../client/ambiguous-outcome.ts";
import type { BatchCallApi, SentGrant } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { Start } from "../../domain/batch/plan.ts";
import { Problem } from "../../domain/problem.ts";
import { plainText } from "../../domain/text.ts";
import type { StartAction } from "./read-batch-for-start.ts";

/** Every start but "leave it a draft". */
export type StartRequest = Exclude<Start, { kind: "draft" }>;

/** Sets a batch going. This is the one place that does; whoever calls it has made sure that the batch may ring. */
export async function send(
  api: BatchCallApi,
  batchId: string,
  action: StartAction,
  grant: SentGrant | undefined,
): Promise<void> {
  switch (action.kind) {
    case "now":
      return api.executeBatch(batchId, grant);
    case "at":
      return void (await api.editBatch(batchId, {
        status: "scheduled",
        scheduledAt: action.at,
        ...(action.local !== undefined && { notBeforeLocal: action.local }),
        ...(grant && { grant }),
      }));
    case "resume":
      return void (await api.resumeBatch(batchId, { ...action, ...(grant && { grant }) }));
  }
}

/** What a batch shows of an action that was sent. `other_time`: it is set to start, and not when it was meant to. */
export type StartEffect = "taken" | "not_taken" | "other_time";

/** What a batch shows of a start that was sent: taken, not (yet), or at another time than asked for. */
export function startEffect(batch: Batch, action: StartAction): StartEffect {
  if (action.kind === "resume") return batch.isPaused || batch.heldReason !== undefined ? "not_taken" : "taken";
  if (hasBegun(batch)) return "taken";
  if (action.kind === "now" || batch.status !== "scheduled") return "not_taken";
  const isSameLocal = action.local === undefined || batch.notBeforeLocal === action.local;
  return isSameSecond(batch.scheduledAt, action.at) && isSameLocal ? "taken" : "other_time";
}

/** Begins a simulated batch and reads back what came of it. A lost answer does no harm here: nobody's phone rings. */
export async function startSimulatedBatch(api: BatchCallApi, batchId: string, action: StartRequest): Promise<Batch> {
  const refusal = await send(api, batchId, action, undefined).catch((error: unknown) => {
    // Another call may have begun it first, or the answer got lost: what the batch is now decides.
    if (isRefusal(error) || mayHaveSucceeded(error)) return error;
    throw error;
  });
  const batch = await api.getBatch(batchId);
  if (startEffect(batch, action) === "taken") return batch;
  throw refusal ?? notAsMeant(batch);
}

/** True when the API took the request and said no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Problem && (error.code === "wrong_state" || error.code === "invalid_input");
}

export function notAsMeant({ status, scheduledAt }: Batch): Problem {
  const found = `it is ${status}${scheduledAt ? ` for ${scheduledAt.toISOString()}` : ""}`;
  return new Problem(
    "bad_response",
    `The API took the start, but reading the batch back, ${found}. Look with get_batch_status, and start it again.`,
  );
}

/** For a resume that was answered and whose batch is held, or paused, all the same: an API with a pause shows it as soon as it is there. */
export function heldAgain({ batchId, heldReason }: Batch): Problem {
  const [state, help] =
    heldReason === undefined
      ? ["paused again.", "Ask the user who paused it, then call resume_batch again."]
      : [`held again: ${plainText(heldReason, 500)}`, "Put that right, then call resume_batch again."];
  return new Problem(
    "unavailable",
    `The API took the resume of ${batchId}, and it is ${state} Nobody else of it is called meanwhile; get_batch_status shows who was. ${help}`,
  );
}

function hasBegun({ status, counts }: Batch): boolean {
  if (status === "draft" || status === "scheduled") return (counts?.calling ?? 0) + (counts?.completed ?? 0) > 0;
  return true;
}

function isSameSecond(a: Date | undefined, b: Date): boolean {
  return a !== undefined && Math.abs(a.getTime() - b.getTime()) <= 1000;
}
