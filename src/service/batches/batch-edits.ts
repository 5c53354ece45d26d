import { type NewBatch, triggerInPast } from "../../contract/batch/create-batch.ts";
import type { BatchPatch } from "../../contract/batch/edit.ts";
import { present } from "../../contract/fields.ts";
import type { BatchChange, StoredBatch } from "../store/index.ts";
import { backToDraft, findBatch, refuse, startable, started, unpaused } from "./batch-steps.ts";
import { type BatchParts, checkAccount, toContent, uniqueTasks } from "./batches.ts";
import { invalid } from "./refusal.ts";

/** PUT: replaces everything, the list included, while nothing was dialed. */
export async function replaceBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  wanted: NewBatch,
): Promise<StoredBatch> {
  checkAccount(parts.account, wanted);
  const now = parts.clock.now();
  const tasks = uniqueTasks(wanted.tasks);
  const content = toContent(wanted, wanted.tasks.length - tasks.length, now);
  const change = { scheduledAt: undefined, ...unpaused, ...content };
  const batch = await parts.store.changeBatch(organizationId, id, { status: startable }, () => change, now, tasks);
  if (!batch) return refuse(parts, organizationId, id, "update");
  parts.dialing.wake();
  return batch;
}

/** PATCH: the name until the batch ends, everything else while nothing was dialed. */
export async function editBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  patch: BatchPatch,
): Promise<StoredBatch> {
  checkAccount(parts.account, present({ agentId: patch.agentId }));
  const { store, dialing, clock } = parts;
  const before = await findBatch(parts, organizationId, id);
  const { start, name, ...timing } = patch;
  const isNameOnly = start === undefined && Object.keys(timing).length === 0;
  const expected = { status: isNameOnly ? [...startable, "sent" as const] : startable };
  // A batch in another state is refused for its state; what else may be wrong with the edit does not matter then.
  if (!expected.status.some((status) => status === before.status))
    return refuse(parts, organizationId, id, verbOf(patch));
  const batch = await store.changeBatch(
    organizationId,
    id,
    expected,
    (current) => toChange(current, patch, clock.now()),
    clock.now(),
  );
  if (!batch) return refuse(parts, organizationId, id, verbOf(patch));
  dialing.wake();
  return batch;
}

function verbOf({ start }: BatchPatch): "execute" | "update" {
  return start === "now" ? "execute" : "update";
}

function toChange(before: StoredBatch, patch: BatchPatch, now: Date): BatchChange {
  const { name, agentId, timezone, scheduledAt, start } = patch;
  const fields = present({ name, agentId, timezone });
  if (start === undefined) return scheduledAt ? { ...fields, ...withTime(before, scheduledAt) } : fields;
  switch (start) {
    case "now":
      return { ...fields, ...started(now) };
    case "draft":
      return { ...fields, ...present({ scheduledAt }), ...backToDraft };
    case "scheduled":
      return { ...fields, ...withTime(before, startTime(before, patch, now)), status: "scheduled" };
  }
}

/** The time of the edit, else the one that the batch was given before; it must still lie ahead. */
function startTime(before: StoredBatch, patch: BatchPatch, now: Date): Date {
  const at = patch.scheduledAt ?? before.scheduledAt;
  if (!at)
    throw invalid({
      field: "trigger_timestamp",
      code: "required",
      message: "Is needed to schedule a batch call that has no time yet.",
    });
  if (at <= now) throw invalid(triggerInPast);
  return at;
}

/** A batch that is held because it missed its start is no longer held once it has a new one. */
function withTime(before: StoredBatch, scheduledAt: Date): BatchChange {
  return before.heldReason === undefined ? { scheduledAt } : { scheduledAt, ...unpaused };
}
