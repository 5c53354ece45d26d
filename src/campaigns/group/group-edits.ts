import type { BatchEdit } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { isGroupId, nameOfPart } from "../../domain/batch/group.ts";
import { isSteered, type Pace } from "../../domain/batch/steering.ts";
import { Problem } from "../../domain/problem.ts";
import type { RequestedBy } from "../approve/index.ts";
import type { Asker, ContentChange, ContentChanged, Edits } from "../start/index.ts";
import { changeGroupList, type GroupListParts } from "./change-group-list.ts";
import { campaignIdOf, type GroupRecord } from "./group-log.ts";
import type { GroupStops } from "./group-stops.ts";
import { batchIdsOf, readGroup } from "./read-group.ts";
import { doToParts, type LivePart, readParts, requireGroup } from "./steps.ts";

/** Edits of batches and groups alike. */
export type GroupEdits = Omit<Edits, "refusePauseOfDraft"> & {
  /**
   * Throws `unsupported` for a part of a group, of what is given to all of it alone: of another list somebody might be put into a
   * second part, or into none, and a part is steered with the others. `given` are the arguments.
   */
  requireWhole(batchId: string, given: readonly string[]): Promise<void>;
};

type GroupEditParts = GroupListParts & {
  /** What is done to one batch. */
  readonly single: Edits;
  readonly stops: GroupStops;
};

/** What changes or stops a batch, or all parts of a group. */
export function buildGroupEdits(parts: GroupEditParts): GroupEdits {
  const { single, groups, stops } = parts;
  const revoke = async (batchId: string, why: string, by: Asker): Promise<void> => {
    const ids = isGroupId(batchId) ? batchIdsOf(await requireGroup(parts, batchId)) : [];
    for (const id of [batchId, ...ids]) await single.revoke(id, why, by);
  };
  /** What was agreed to for all parts is not what it was. An API without digests would not show that. */
  const voidForGroup = async (batchId: string, by: Asker): Promise<void> => {
    const group = groups.groupOf(await parts.account(), batchId);
    if (group) await single.revoke(group.groupId, "A part of it was changed or stopped.", by);
  };
  return {
    async requireWhole(batchId, given) {
      const group = groups.groupOf(await parts.account(), batchId);
      if (group) throw ofAllParts(batchId, group, given);
    },

    revoke,

    async edit(batchId, edit, by) {
      if (isGroupId(batchId)) return editGroup(parts, batchId, edit, by);
      const { name: _name, pace: _pace, ...rest } = edit;
      if (Object.keys(rest).length > 0) await voidForGroup(batchId, by);
      return single.edit(batchId, edit, by);
    },

    async changeContent(batchId, change, by) {
      if (isGroupId(batchId)) return changeGroup(parts, batchId, change, by);
      await voidForGroup(batchId, by);
      return single.changeContent(batchId, change, by);
    },

    async pause(batchId, by) {
      if (isGroupId(batchId)) return stops.stop(batchId, "pause", by);
      const group = groups.groupOf(await parts.account(), batchId);
      if (group) await single.refusePauseOfDraft(batchId, group.groupId);
      await voidForGroup(batchId, by);
      return single.pause(batchId, by);
    },

    async cancel(batchId, by) {
      if (isGroupId(batchId)) return stops.stop(batchId, "cancel", by);
      await voidForGroup(batchId, by);
      return single.cancel(batchId, by);
    },
  };
}

function hasNotEnded({ batch: { status } }: LivePart): boolean {
  return status === "draft" || status === "scheduled" || status === "sent";
}

async function editGroup(
  parts: GroupEditParts,
  groupId: string,
  { name, pace, status: _status, ...rest }: BatchEdit,
  by: RequestedBy,
): Promise<Batch> {
  const { single, groups } = parts;
  const group = await requireGroup(parts, groupId);
  const open = (await readParts(parts, group)).filter(hasNotEnded);
  const changesCalls = Object.keys(rest).length > 0;
  const begun = open.filter(({ batch }) => batch.status === "sent");
  if (changesCalls && begun.length > 0) throw hasBegun(group, begun);
  if (changesCalls) await single.revoke(groupId, "The batch was edited.", by);
  if (pace) await setPace(parts, group, open, pace, by);
  if (!changesCalls && name === undefined) return readGroup(parts.api, group);
  if (name !== undefined) groups.rename(groupId, name);
  const total = group.parts.length;
  return doToParts(parts, { ...group, ...(name !== undefined && { name }) }, open, {
    verb: "changed",
    work: ({ part, batch }) =>
      single.edit(
        batch.batchId,
        {
          ...rest,
          ...(name !== undefined && { name: nameOfPart(name, part, total) }),
          ...(changesCalls && batch.status === "scheduled" && { status: "draft" }),
        },
        by,
      ),
  });
}

/** The API gives it to all parts at once, of which it knows that they are one campaign. */
async function setPace(
  parts: GroupEditParts,
  group: GroupRecord,
  open: readonly LivePart[],
  pace: Pace,
  by: RequestedBy,
): Promise<void> {
  const campaignId = campaignIdOf(group);
  await doToParts(
    parts,
    group,
    open.filter(({ batch }) => batch.campaignId === undefined),
    { verb: "linked", work: ({ batchId }) => parts.single.edit(batchId, { campaignId }, by) },
  );
  for (const { batchId } of open.slice(0, 1)) await parts.single.edit(batchId, { pace }, by);
}

async function changeGroup(
  parts: GroupEditParts,
  groupId: string,
  change: ContentChange,
  by: RequestedBy,
): Promise<ContentChanged> {
  const { single } = parts;
  const { recipients, ...others } = change;
  const group = await requireGroup(parts, groupId);
  const linked = isSteered(change.rules ?? {}) ? { ...others, campaignId: campaignIdOf(group) } : others;
  if (recipients) return changeGroupList(parts, groupId, { ...linked, recipients }, by);
  await single.revoke(groupId, "The batch was edited.", by);
  const unverified = new Set<string>();
  const batch = await doToParts(parts, group, (await readParts(parts, group)).filter(hasNotEnded), {
    verb: "changed",
    async work({ batch: { batchId } }) {
      const changed = await single.changeContent(batchId, linked, by);
      for (const field of changed.unverified) unverified.add(field);
    },
  });
  return { batch, unverified: [...unverified] };
}

function ofAllParts(batchId: string, { groupId }: GroupRecord, given: readonly string[]): Problem {
  const wanted = given.map((name) => `${name}: …`).join(", ");
  return new Problem(
    "unsupported",
    `${batchId} is a part of ${groupId}: its ${given.join(", ")} alone cannot change, since that is of all parts together. Nothing was changed. Give it to all of them: update_batch {batch_id: "${groupId}", ${wanted}}.`,
  );
}

function hasBegun({ groupId, parts }: GroupRecord, begun: readonly LivePart[]): Problem {
  const numbers = begun.map(({ part }) => part).join(", ");
  return new Problem(
    "wrong_state",
    `${groupId} has begun (part ${numbers} of ${parts.length}): its agent, time and zone cannot change any more. Nothing was changed. Its name, retry_config, retry_rules and quiet_hours can.`,
  );
}
