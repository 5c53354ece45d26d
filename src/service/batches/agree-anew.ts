import type { Grant } from "../../domain/batch/grant.ts";
import type { BatchChange, StoredBatch } from "../store/index.ts";
import { backToDraft } from "./batch-steps.ts";
import type { BatchParts } from "./batches.ts";
import { openGrant } from "./grants.ts";

const changedWhy = "The batch was changed after somebody agreed to its calls.";

type AgreeAnewOptions = {
  readonly hold?: boolean | undefined;
  /** Of the start, where the change sets it. */
  readonly newTime?: Date | undefined;
};

/**
 * What a change of the content does to the agreement. Where the account's own system agreed to the calls, it does so again by
 * changing them; what a person agreed to is nobody else's to change, and an agreement that ended is not brought back by an edit:
 * a scheduled batch is a draft again, and a running one is held. With `hold` the change agrees to nothing, whoever started it.
 */
export function agreeAnew(
  parts: BatchParts,
  batch: StoredBatch,
  standing: Grant | undefined,
  { hold = false, newTime }: AgreeAnewOptions = {},
): BatchChange {
  const { status, scheduledAt, isPaused } = batch;
  const isOwn = !hold && (standing?.channel === "api" || standing?.channel === "simulated");
  switch (status) {
    case "scheduled":
      if (isOwn && standing.state === "open") return { grant: openGrant(parts, undefined, newTime ?? scheduledAt) };
      return { ...backToDraft, grant: { kind: "end", why: changedWhy } };
    case "sent":
      if (isOwn && standing.state === "open" && !isPaused) return { grant: openGrant(parts, undefined) };
      return heldForChange(batch, isOwn, parts.clock.now());
    case "draft":
    case "completed":
    case "failed":
    case "cancelled":
      return {};
  }
}

/** What held it before goes on to be why: it is what somebody has to look at. `isOwn`: no person agreed to its calls. */
function heldForChange({ pausedAt, isPaused, heldReason }: StoredBatch, isOwn: boolean, now: Date): BatchChange {
  const changed = `${changedWhy} Nobody is called until somebody agrees to it as it is now: resume the batch.`;
  const why = heldReason ?? (isOwn && isPaused ? undefined : changed);
  const grant = { kind: "end", why: changedWhy } as const;
  return { isPaused: true, pausedAt: pausedAt ?? now, grant, ...(why !== undefined && { heldReason: why }) };
}
