import { Problem } from "../../domain/problem.ts";
import { planResume, type StartAction } from "../start/index.ts";
import type { GroupRecord } from "./group-log.ts";
import type { PartActions } from "./group-proposal.ts";
import { toPartActions } from "./start-simulated-group.ts";
import { type GroupStepParts, type LivePart, readParts } from "./steps.ts";

type ResumeParts = GroupStepParts & Parameters<typeof planResume>[0];

/**
 * How the parts of a live group go on that are paused or held, and those begin that people who came later are in. Where one of them needs
 * somebody to agree, all are asked about.
 * Where an API has no pause, parts that were put back to draft are set to their time again.
 */
export async function planGroupResume(
  parts: ResumeParts,
  group: GroupRecord,
  resume: Extract<StartAction, { kind: "resume" }>,
): Promise<PartActions> {
  const read = await readParts(parts, group);
  if (!(await parts.api.hasBrake())) return planWithoutPause(parts, group, resume, read);
  const planned: [string, StartAction][] = [];
  for (const [batchId, action] of toPartActions(resume, read, parts.clock.now())) {
    planned.push([batchId, action.kind === "resume" ? await planResume(parts, batchId, resume) : action]);
  }
  const isAgreed = planned.every(([, action]) => action.kind === "resume" && action.grantId !== undefined);
  return new Map(planned.map(([id, action]) => [id, isAgreed || action.kind !== "resume" ? action : resume]));
}

async function planWithoutPause(
  parts: ResumeParts,
  group: GroupRecord,
  resume: Extract<StartAction, { kind: "resume" }>,
  read: readonly LivePart[],
): Promise<PartActions> {
  const planned: [string, StartAction][] = [];
  for (const { batchId, batch } of read) {
    if (batch.status === "draft") planned.push([batchId, await planResume(parts, batchId, resume)]);
  }
  const kinds = new Set(planned.map(([, action]) => (action.kind === "at" ? action.at.toISOString() : action.kind)));
  if (kinds.size > 1) throw atSeveralTimes(group, planned);
  return new Map(planned);
}

function atSeveralTimes({ groupId }: GroupRecord, planned: readonly (readonly [string, StartAction])[]): Problem {
  const ids = planned.map(([id]) => id).join(", ");
  const message = `The parts of ${groupId} that are held would go on at different times. Nothing was resumed and nobody was called. Resume them one by one: ${ids}.`;
  return new Problem("wrong_state", message);
}
