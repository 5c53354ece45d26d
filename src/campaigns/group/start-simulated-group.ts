import type { Batch } from "../../domain/batch/batch.ts";
import { peopleToCall } from "../../domain/batch/progress.ts";
import { otherCount, type StartConfirmation } from "../approve/index.ts";
import type { StartAction } from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import type { PartActions } from "./group-proposal.ts";
import { nothingToStart } from "./nothing-to-start.ts";
import { readGroup } from "./read-group.ts";
import { doToParts, type GroupStepParts, type LivePart, readParts } from "./steps.ts";

/**
 * What is to be done to which parts. A start is for those that did not begin. A resume is for those that are paused or held, and with
 * them for those that people who came later were put into: a group goes on as a whole.
 */
export function toPartActions(action: StartAction, parts: readonly LivePart[], now: Date): PartActions {
  const unbegun = parts.filter(({ batch }) => !isHeld(batch) && (batch.status === "draft" || isDue(action, batch)));
  if (action.kind !== "resume") return new Map(unbegun.map(({ batchId }) => [batchId, action]));
  const held = parts.filter(({ batch }) => isHeld(batch) && (batch.status === "scheduled" || batch.status === "sent"));
  if (held.length === 0) return new Map();
  const begun = parts.some(({ batch }) => batch.status !== "draft" && batch.status !== "scheduled");
  return new Map([
    ...held.map(({ batchId }): [string, StartAction] => [batchId, action]),
    ...unbegun.map(({ batchId, batch }): [string, StartAction] => [
      batchId,
      begun ? { kind: "now" } : asMeant(batch, now),
    ]),
  ]);
}

function isHeld({ isPaused, heldReason }: Batch): boolean {
  return isPaused || heldReason !== undefined;
}

function isDue({ kind }: StartAction, { status }: Batch): boolean {
  return kind !== "resume" && status === "scheduled";
}

/** At the time that all of the group was to start at, where that is to come. */
function asMeant({ scheduledAt: at, notBeforeLocal: local }: Batch, now: Date): StartAction {
  return at && at > now ? { kind: "at", at, ...(local !== undefined && { local }) } : { kind: "now" };
}

/**
 * Begins the parts of a group that rings nobody. Where that was cut off, a repeat begins those that are left. Throws
 * `wrong_state`, and `invalid_input` where it would call another number of people than was agreed to.
 */
export async function startSimulatedGroup(
  parts: GroupStepParts & { readonly clock: { now(): Date } },
  group: GroupRecord,
  action: StartAction,
  startPart: (batchId: string, action: StartAction) => Promise<Batch>,
  { recipients: expected }: StartConfirmation,
): Promise<Batch> {
  const read = await readParts(parts, group);
  const actions = toPartActions(action, read, parts.clock.now());
  if (actions.size === 0) throw nothingToStart(await readGroup(parts.api, group), action, await parts.api.hasBrake());
  const chosen = read.filter(({ batchId }) => actions.has(batchId));
  const people = chosen.reduce((sum, { batch }) => sum + peopleToCall(batch), 0);
  if (expected !== undefined && expected !== people) throw otherCount(people, expected);
  return doToParts(parts, group, chosen, {
    verb: action.kind === "resume" ? "resumed" : "started",
    work: ({ batchId }) => startPart(batchId, actions.get(batchId) ?? action),
  });
}
