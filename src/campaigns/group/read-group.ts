import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { mergeParts, type ReadPart } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import type { GroupRecord, PartRecord } from "./group-log.ts";

/** Requests that one call has under way at a time. */
export const partsAtOnce = 4;

/** All parts of a group as one batch. A part that is gone does not stand in the way of the others. */
export async function readGroup(api: Pick<BatchCallApi, "getBatch">, group: GroupRecord): Promise<Batch> {
  const parts = await mapAtOnce(group.parts, partsAtOnce, (part) => readPart(api, part, group));
  return mergeParts(group, parts.filter(isPart));
}

/** The batches of a group that there are. */
export function batchIdsOf({ parts }: Pick<GroupRecord, "parts">): readonly string[] {
  return parts.flatMap(({ batchId }) => batchId ?? []);
}

async function readPart(
  api: Pick<BatchCallApi, "getBatch">,
  { batchId, recipients }: PartRecord,
  { state }: GroupRecord,
): Promise<ReadPart | undefined> {
  if (batchId === undefined)
    return recipients > 0 && state === "creating" ? { recipients, batch: "not_created" } : undefined;
  const batch = await api.getBatch(batchId).catch(deletedWhereGone);
  return { recipients, batchId, batch };
}

function isPart(part: ReadPart | undefined): part is ReadPart {
  return part !== undefined;
}

function deletedWhereGone(error: unknown): "deleted" {
  if (error instanceof Problem && error.code === "not_found") return "deleted";
  throw error;
}
