import { withRules } from "../../contract/batch/calling-rules.ts";
import { present } from "../../contract/fields.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { nameOfPart, partsText } from "../../domain/batch/group.ts";
import { type Assigned, assignToParts, type PartBefore } from "../../domain/batch/group-change.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import { describeRows } from "../../domain/batch/local-start.ts";
import { type BatchPlan, type Recipient, recipientClock } from "../../domain/batch/plan.ts";
import { fitVariables } from "../../domain/batch/preview-variables.ts";
import { isSteered } from "../../domain/batch/steering.ts";
import { parseE164 } from "../../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../../domain/problem.ts";
import { mapAtOnce } from "../../lib/at-once.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RequestedBy } from "../approve/index.ts";
import type { CreationLog, Drafts } from "../create/index.ts";
import { type ContentChange, type ContentChanged, type Edits, readTasks } from "../start/index.ts";
import { campaignIdOf, type GroupRecord, keyOfChangedPart } from "./group-log.ts";
import { partsAtOnce, readGroup } from "./read-group.ts";
import { doToParts, type GroupStepParts, type LivePart, readParts, requireGroup } from "./steps.ts";

export type GroupListParts = GroupStepParts & {
  readonly single: Pick<Edits, "changeContent" | "cancel" | "revoke">;
  readonly drafts: Pick<Drafts, "obtain">;
  readonly creations: Pick<CreationLog, "factsOf">;
  readonly clock: Clock;
};

type ListOfGroup = ContentChange & { readonly recipients: readonly Recipient[] };
type PartOfGroup = PartBefore & { readonly live?: LivePart };
type PartChange = { readonly part: number; readonly batchId: string; readonly live?: LivePart };

/**
 * Gives a group another list. Who stays, stays in their part; who is not on it is taken out of it; who is new goes to the end of a part
 * with room, or into a new one, a draft. In which part somebody new is to be is on disk before the first request leaves, until all
 * are through: the same call, or another list, goes on from what a crash or a refusal left, and puts nobody into a second part.
 * Throws what a part refused, with what was changed and what not.
 */
export async function changeGroupList(
  parts: GroupListParts,
  groupId: string,
  change: ListOfGroup,
  by: RequestedBy,
): Promise<ContentChanged> {
  const { api, groups, single } = parts;
  const group = await requireGroup(parts, groupId);
  if (group.state !== "created" || group.stopping === "cancel") throw notWhole(group);
  const before = await readPartsWithTasks(parts, group);
  if (!before.some(({ isOpen }) => isOpen)) throw hasEnded(group);
  const assigned = assignToParts(change.recipients, before, groups.promised(groupId));
  if (assigned.clashes.length > 0) throw inTwoParts(group, assigned.clashes);
  const model = assigned.people.size > group.parts.length ? requireModel(parts, before, groupId) : undefined;
  await single.revoke(groupId, "The batch was edited.", by);
  const widened = groups.promise(groupId, assigned);
  const total = widened.parts.length;
  const reports: ListChangeReport[] = [];
  const unverified = new Set<string>();

  const changePart = async ({ part, batchId, live }: PartChange): Promise<void> => {
    const people = assigned.people.get(part) ?? [];
    const own = { ...change, ...withBlanks(change, people) };
    if (live && people.length > 0) {
      const changed = await single.changeContent(batchId, own, by);
      groups.counted(groupId, part, changed.batch.total);
      if (changed.report) reports.push(changed.report);
      for (const field of changed.unverified) unverified.add(field);
      return;
    }
    if (live) {
      // A batch cannot have an empty list.
      await single.cancel(batchId, by);
      groups.counted(groupId, part, live.batch.status === "sent" ? live.batch.total : 0);
      reports.push({ ...nothing, removed: live.batch.counts?.pending ?? live.batch.total });
      return;
    }
    const plan = {
      ...toPlan(model ?? requireModel(parts, before, groupId), own, group, parts.clock.now()),
      recipients: people,
    };
    const made = await parts.drafts.obtain(
      keyOfChangedPart(group, part, people),
      { ...plan, name: nameOfPart(group.name, part, total) },
      false,
    );
    groups.partCreated(groupId, part, made.batch.batchId);
    reports.push({ ...nothing, added: people.length });
    for (const field of made.unverified) unverified.add(field);
  };

  await doToParts(parts, widened, toChanges(widened, before, assigned), { verb: "changed", work: changePart, advice });
  groups.keepPromises(groupId);
  const batch = await readGroup(api, await requireGroup(parts, groupId));
  return { batch, report: sumReports(reports), unverified: [...unverified] };
}

/** Parts that have not ended, and those that are to be made. */
function toChanges(
  { parts }: GroupRecord,
  before: readonly PartOfGroup[],
  { people }: Assigned,
): readonly PartChange[] {
  const known = new Map(before.map((one) => [one.part, one]));
  return parts.flatMap(({ part }): readonly PartChange[] => {
    const live = known.get(part)?.live;
    if (live) return known.get(part)?.isOpen ? [{ part, batchId: live.batchId, live }] : [];
    return (people.get(part)?.length ?? 0) > 0 ? [{ part, batchId: "not created" }] : [];
  });
}

async function readPartsWithTasks(parts: GroupListParts, group: GroupRecord): Promise<readonly PartOfGroup[]> {
  const live = new Map((await readParts(parts, group)).map((one) => [one.part, one]));
  return mapAtOnce(group.parts, partsAtOnce, async ({ part, batchId }): Promise<PartOfGroup> => {
    const one = live.get(part);
    // One that was deleted elsewhere has ended; one that an earlier change did not get to make is open.
    if (!one) return { part, isOpen: batchId === undefined, isDraft: true, tasks: [] };
    const { status } = one.batch;
    const tasks: readonly Task[] = await readTasks(parts.api, one.batchId);
    const isOpen = status === "draft" || status === "scheduled" || status === "sent";
    return { part, isOpen, isDraft: status === "draft", tasks, live: one };
  });
}

function withBlanks({ blankVariables = [] }: ContentChange, recipients: readonly Recipient[]) {
  const { missing } = fitVariables(
    blankVariables.map(({ name }) => name),
    recipients,
  );
  return { recipients, blankVariables: missing };
}

/** A batch with what is known of its content: all of a part but its people. */
type Model = { readonly batch: Batch; readonly facts: NonNullable<ReturnType<CreationLog["factsOf"]>> };

function requireModel({ creations }: GroupListParts, before: readonly PartOfGroup[], groupId: string): Model {
  for (const { live } of before) {
    const facts = live && creations.factsOf(live.batchId);
    if (live && facts?.rules) return { batch: live.batch, facts };
  }
  throw new Problem(
    "unsupported",
    `The new people do not fit into the parts of ${groupId} that take some, and how it calls is not known here any more, so no further part can be made. Nothing was changed. Give a list without them, and make another batch of them with create_batch_call.`,
  );
}

function toPlan({ batch, facts }: Model, change: ContentChange, group: GroupRecord, now: Date): BatchPlan {
  const { name, agentId, timezone, scheduledAt, consent, answersWanted } = batch;
  const fromNumber = parseE164(batch.fromNumber ?? "", undefined, "from_number");
  if (agentId === undefined || timezone === undefined || isIssue(fromNumber))
    throw new Problem(
      "bad_response",
      "The API does not tell agent, zone and caller id of the parts. Nothing was changed.",
    );
  const rules = withRules(facts.rules ?? {}, change.rules ?? {});
  return {
    name,
    agentId,
    fromNumber,
    timezone,
    rules,
    recipients: [],
    start: scheduledAt && scheduledAt > now ? { kind: "at", at: scheduledAt } : { kind: "draft" },
    ...(rules.quietHours?.zone === recipientClock && { clock: recipientClock }),
    ...present({ consent: consent ?? facts.consent, answersWanted }),
    ...present({ campaignId: isSteered(rules) ? campaignIdOf(group) : batch.campaignId }),
    ...present({ blankVariables: change.blankVariables, leftOut: change.leftOut, unreadZones: change.unreadZones }),
  };
}

const nothing: ListChangeReport = {
  added: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  notRemoved: [],
  notFound: 0,
  suppressed: 0,
};

function sumReports(reports: readonly ListChangeReport[]): ListChangeReport {
  return reports.reduce(
    (sum, one) => ({
      added: sum.added + one.added,
      changed: sum.changed + one.changed,
      unchanged: sum.unchanged + one.unchanged,
      removed: sum.removed + one.removed,
      notRemoved: [...sum.notRemoved, ...one.notRemoved],
      notFound: sum.notFound + one.notFound,
      suppressed: sum.suppressed + one.suppressed,
    }),
    nothing,
  );
}

function advice(): string {
  return "Repeat the same update_batch: it goes on with what is left, and puts nobody into a second part.";
}

function notWhole({ groupId, state, parts }: GroupRecord): Problem {
  const open = parts.filter(({ batchId, recipients }) => batchId === undefined && recipients > 0);
  const message =
    state === "creating"
      ? `${groupId} is not made yet: ${partsText(
          open.map(({ part }) => part),
          parts.length,
        )} is missing. Nothing was changed. Repeat its create_batch_call, then change its list.`
      : `${groupId} was cancelled, so its list cannot change. Nothing was changed. Make another with create_batch_call.`;
  return new Problem("wrong_state", message);
}

function hasEnded({ groupId }: GroupRecord): Problem {
  const message = `All parts of ${groupId} have ended, so its list cannot change. Nothing was changed. Call people again with create_batch_call {from_batch: {batch_id: "${groupId}"}}, or make another batch of the new ones.`;
  return new Problem("wrong_state", message);
}

function inTwoParts({ groupId }: GroupRecord, people: readonly Recipient[]): Problem {
  const message = `Of ${describeRows(people)} one number is in one part of ${groupId} and one in another, or was called in a part that has ended: two parts would call one phone. Nothing was changed. Take the row, or its second number, out with change_list and give the list that comes of it.`;
  return new Problem("wrong_state", message);
}
