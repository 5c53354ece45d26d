import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { partsText } from "../../domain/batch/group.ts";
import { Problem } from "../../domain/problem.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import { noGroup } from "./api-with-groups.ts";
import type { GroupLog, GroupRecord } from "./group-log.ts";
import { partsAtOnce, readGroup } from "./read-group.ts";

export type GroupStepParts = {
  readonly api: BatchCallApi;
  readonly groups: GroupLog;
  readonly account: () => Promise<string>;
};

/** A part that became a batch. */
export type CreatedPart = { readonly part: number; readonly batchId: string };

/** The same as the API tells it. */
export type LivePart = CreatedPart & { readonly batch: Batch };

/** The group of that id. Throws `not_found`. */
export async function requireGroup({ groups, account }: GroupStepParts, groupId: string): Promise<GroupRecord> {
  const group = groups.get(await account(), groupId);
  if (!group) throw noGroup(groupId);
  return group;
}

/** The parts of a group that exist. One that was deleted elsewhere is none. */
export async function readParts({ api }: GroupStepParts, { parts }: GroupRecord): Promise<readonly LivePart[]> {
  const read = await mapAtOnce(parts, partsAtOnce, async ({ part, batchId }): Promise<readonly LivePart[]> => {
    if (batchId === undefined) return [];
    try {
      return [{ part, batchId, batch: await api.getBatch(batchId) }];
    } catch (error) {
      if (error instanceof Problem && error.code === "not_found") return [];
      throw error;
    }
  });
  return read.flat();
}

type PartWork<P> = {
  /** In the past tense. */
  readonly verb: string;
  readonly work: (part: P) => Promise<unknown>;
  /** What helps where one of them failed. */
  readonly advice?: () => string;
};

/**
 * Does something to each of the parts, and to all of them whatever becomes of one. Returns the group as it is then. Throws what
 * the first of them threw, with which parts it was done to and which not.
 */
export async function doToParts<P extends CreatedPart>(
  parts: GroupStepParts,
  group: GroupRecord,
  chosen: readonly P[],
  { verb, work, advice = repeatIt }: PartWork<P>,
): Promise<Batch> {
  const failures: Failure[] = [];
  await mapAtOnce(chosen, partsAtOnce, async (one) => {
    try {
      await work(one);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failures.push({ part: one.part, batchId: one.batchId, problem: error });
    }
  });
  const [first] = failures;
  if (!first) return readAfter(parts, group, verb);
  const total = group.parts.length;
  const failed = new Set(failures.map(({ part }) => part));
  const done = chosen.filter(({ part }) => !failed.has(part)).map(({ part }) => part);
  const rest = done.length === 0 ? `No part was ${verb}` : `${capital(partsText(done, total))}: ${verb}`;
  const rows = new Map(group.parts.map(({ part, firstRow, lastRow }) => [part, `${firstRow} to ${lastRow}`]));
  const told = sameFailures(failures).map(
    ([
      {
        part,
        batchId,
        problem: { message },
      },
      ...others
    ]) => {
      if (others.length === 0) return `part ${part} (${batchId}, rows ${rows.get(part)}): ${ofPart(message, "it")}`;
      const numbers = [part, ...others.map((other) => other.part)];
      const theirRows = numbers.map((number) => rows.get(number)).join(", ");
      return `${partsText(numbers, total)} (rows ${theirRows}): ${ofPart(message.replaceAll(batchId, "each of them"), "them")}`;
    },
  );
  throw new Problem(
    first.problem.code,
    `${group.groupId}: ${failures.length} of ${total} parts could not be ${verb}. ${rest}. ${told.join(" ")} ${advice()}`,
    { cause: first.problem, issues: first.problem.issues },
  );
}

/** What was said of one batch is no word about the other parts, which may be calling. */
function ofPart(message: string, which: "it" | "them"): string {
  return message.replace(/\b(nobody)(?= was called\b)/gi, `$1 of ${which}`);
}

type Failure = { readonly part: number; readonly batchId: string; readonly problem: Problem };

/** By what was said of them, their own ids aside; in the order of the parts. */
function sameFailures(failures: readonly Failure[]): readonly (readonly [Failure, ...Failure[]])[] {
  const groups = new Map<string, [Failure, ...Failure[]]>();
  for (const failure of failures.toSorted((a, b) => a.part - b.part)) {
    const said = failure.problem.message.replaceAll(failure.batchId, "");
    const same = groups.get(said);
    if (same) same.push(failure);
    else groups.set(said, [failure]);
  }
  return [...groups.values()];
}

export function repeatIt(): string {
  return "Look with get_batch_status, and repeat the call for what is left.";
}

async function readAfter({ api }: GroupStepParts, group: GroupRecord, verb: string): Promise<Batch> {
  return readGroup(api, group).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    const message = `${error.message} That is said of reading ${group.groupId} back: all of its parts were ${verb}. Look with get_batch_status.`;
    throw new Problem(error.code, message, { cause: error, issues: error.issues });
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
