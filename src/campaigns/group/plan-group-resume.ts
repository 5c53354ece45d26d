import { Problem } from "../../domain/problem.ts";
import { planResume, type StartAction } from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import type { PartActions } from "./group-proposal.ts";
import { partsFor } from "./start-simulated-group.ts";
import { type GroupStepParts, readParts } from "./steps.ts";

type ResumeParts = GroupStepParts & Parameters<typeof planResume>[0];

/**
 * How the parts of a live group go on that are paused or held. Where one of them needs somebody to agree, all are asked about.
 * Where an API has no pause, parts that were put back to draft are set to their time again.
 */
export async function planGroupResume(
  parts: ResumeParts,
  group: GroupRecord,
  resume: Extract<StartAction, { kind: "resume" }>,
): Promise<PartActions> {
  const read = await readParts(parts, group);
  const hasBrake = await parts.api.hasBrake();
  const chosen = hasBrake ? partsFor(resume, read) : read.filter(({ batch }) => batch.status === "draft");
  const planned: [string, StartAction][] = [];
  for (const { batch } of chosen) planned.push([batch.batchId, await planResume(parts, batch.batchId, resume)]);
  const kinds = new Set(planned.map(([, action]) => (action.kind === "at" ? action.at.toISOString() : action.kind)));
  if (kinds.size > 1) throw atSeveralTimes(group, planned);
  const isAgreed = planned.every(([, action]) => action.kind !== "resume" || action.grantId !== undefined);
  return new Map(planned.map(([id, action]) => [id, isAgreed || action.kind !== "resume" ? action : resume]));
}

function atSeveralTimes({ groupId }: GroupRecord, planned: readonly (readonly [string, StartAction])[]): Problem {
  const ids = planned.map(([id]) => id).join(", ");
  const message = `The parts of ${groupId} that are held would go on at different times. Nothing was resumed and nobody was called. Resume them one by one: ${ids}.`;
  return new Problem("wrong_state", message);
}
