import { isDeepStrictEqual } from "node:util";
import { type RulesPatch, withRules } from "../../contract/batch/calling-rules.ts";
import { firstCallerIdAgain, type NewBatch, triggerInPast } from "../../contract/batch/create-batch.ts";
import type { BatchPatch } from "../../contract/batch/edit.ts";
import { present } from "../../contract/fields.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import type { Grant } from "../../domain/batch/grant.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { mostAttemptsOf } from "../../domain/retry-rules.ts";
import { asDialed, type BatchChange, type GrantChange, type StoredBatch } from "../store/index.ts";
import { agreeAnew } from "./agree-anew.ts";
import { backToDraft, findBatch, refuse, refuseWithoutAgent, startable, started, unpaused } from "./batch-steps.ts";
import {
  type BatchParts,
  checkAccount,
  checkBatch,
  refuseBadSteering,
  refuseCallers,
  refuseClashes,
  refuseVoicemail,
  toContent,
  uniqueTasks,
} from "./batches.ts";
import { openGrant, requireSameState } from "./grants.ts";
import { refuseClockless } from "./recipient-clocks.ts";
import { invalid } from "./refusal.ts";

/** PUT: replaces everything, the list included, while nothing was dialed. */
export async function replaceBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  wanted: NewBatch,
): Promise<StoredBatch> {
  await checkBatch(parts, organizationId, wanted);
  const now = parts.clock.now();
  const tasks = uniqueTasks(wanted.tasks);
  refuseClashes(callerIdsOf(wanted.fromNumber, wanted.rules.moreFromNumbers), tasks);
  refuseClockless(wanted, tasks, now);
  refuseBadSteering(wanted.rules, now);
  const content = toContent(wanted, wanted.tasks.length - tasks.length, now);
  const grant: GrantChange =
    content.status === "draft"
      ? { kind: "end", why: "The batch was replaced." }
      : openGrant(parts, undefined, content.scheduledAt);
  const change = {
    scheduledAt: undefined,
    notBeforeLocal: undefined,
    consent: undefined,
    answersWanted: undefined,
    steering: undefined,
    ...unpaused,
    ...content,
    grant,
  };
  const batch = await parts.store.changeBatch(organizationId, id, { status: startable }, () => change, now, tasks);
  if (!batch) return refuse(parts, organizationId, id, "update");
  parts.dialing.wake();
  return batch;
}

/** PATCH: name and rules until the batch ends, everything else while nothing was dialed. */
export async function editBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  patch: BatchPatch,
): Promise<StoredBatch> {
  const more = patch.rules?.moreFromNumbers;
  await checkAccount(parts.account, present({ agentId: patch.agentId, moreFromNumbers: more }));
  const { store, dialing, clock } = parts;
  const before = await findBatch(parts, organizationId, id);
  const {
    start,
    name: _name,
    rules: _rules,
    pace,
    campaignId: _campaign,
    grant: _grant,
    hold: _hold,
    ...others
  } = patch;
  const mayRun = start === undefined && Object.keys(others).length === 0;
  const expected = { status: mayRun ? [...startable, "sent" as const] : startable };
  // A batch in another state is refused for its state; what else may be wrong with the edit does not matter then.
  if (!expected.status.some((status) => status === before.status))
    return refuse(parts, organizationId, id, verbOf(patch));
  refuseBadSteering(patch.rules ?? {}, clock.now());
  if (more) await refuseCallerIds(parts, before, more);
  await refuseWithoutMinute(parts, before, patch);
  const isOver = patch.rules !== undefined && (await isNobodyLeft(parts, before));
  const batch = await store.changeBatch(
    organizationId,
    id,
    expected,
    (current, grant) => toChange(parts, current, grant, patch, isOver && current.stateVersion === before.stateVersion),
    clock.now(),
  );
  if (!batch) return refuse(parts, organizationId, id, verbOf(patch));
  if (pace) await store.setPace(organizationId, id, pace, clock.now());
  if (batch.isPaused) await dialing.settled(id);
  dialing.wake();
  return pace ? findBatch(parts, organizationId, id) : batch;
}

/** Whom the rules would leave no time of which they are called, of those who wait. */
async function refuseWithoutMinute(
  { store, clock }: BatchParts,
  { organizationId, id, rules, notBeforeLocal }: StoredBatch,
  patch: BatchPatch,
): Promise<void> {
  if (!patch.rules && patch.notBeforeLocal === undefined) return;
  const time = patch.notBeforeLocal ?? notBeforeLocal;
  const wanted = { rules: withRules(rules, patch.rules ?? {}), ...present({ notBeforeLocal: time }) };
  const { rows } = await store.listTasks(organizationId, id, { status: "pending" }, { page: 0 });
  const waiting = rows.map(asDialed);
  refuseClockless(wanted, waiting, clock.now());
}

/** Whom a batch would call from their own number, and the first caller id named again. */
async function refuseCallerIds(
  { store }: BatchParts,
  { organizationId, id, fromNumber }: StoredBatch,
  more: readonly string[],
): Promise<void> {
  if (more.includes(fromNumber)) throw invalid(firstCallerIdAgain);
  const { rows } = await store.listTasks(organizationId, id, {}, { page: 0 });
  const callerIds = callerIdsOf(fromNumber, more);
  refuseCallers(callerIds, rows);
  refuseClashes(callerIds, rows);
}

function verbOf({ start }: BatchPatch): "execute" | "update" {
  return start === "now" ? "execute" : "update";
}

function toChange(
  parts: BatchParts,
  before: StoredBatch,
  standing: Grant | undefined,
  {
    name,
    agentId,
    timezone,
    scheduledAt,
    notBeforeLocal,
    rules: patch,
    campaignId,
    start,
    grant: sent,
    hold,
  }: BatchPatch,
  isNobodyLeft: boolean,
): BatchChange {
  const now = parts.clock.now();
  const rules = patch && otherRules(before.rules, patch);
  if (rules)
    refuseVoicemail(parts, rules, rules.retryConfig?.enabled ? rules.retryConfig.maxAttempts : before.maxAttempts);
  refuseOtherCampaign(before, campaignId, rules);
  const fields = {
    ...present({ name, agentId, timezone, rules, campaignId }),
    ...steeredAnew(before, rules),
    // A time on the recipients' clocks goes with the start that it was given with.
    ...((notBeforeLocal !== undefined || scheduledAt || start === "now") && { notBeforeLocal }),
  };
  requireSameState(before, sent);
  switch (start) {
    case "now":
      return { ...fields, ...started({ ...before, ...present({ agentId }) }, now), grant: openGrant(parts, sent) };
    case "draft":
      return { ...fields, ...present({ scheduledAt }), ...backToDraft };
    case "scheduled": {
      refuseWithoutAgent({ ...before, ...present({ agentId }) });
      const at = startTime(before, scheduledAt, now);
      return { ...fields, ...withTime(before, at), status: "scheduled", grant: openGrant(parts, sent, at) };
    }
    default: {
      const timed = scheduledAt ? { ...fields, ...withTime(before, scheduledAt) } : fields;
      const isSameContent = [agentId, timezone, scheduledAt, rules, notBeforeLocal].every(
        (field) => field === undefined,
      );
      if (isNobodyLeft && rules && isOtherEndAlone(before, rules, patch))
        return { ...timed, grant: { kind: "narrow", from: before.contentDigest, why: "Another end was set." } };
      return isSameContent
        ? timed
        : { ...timed, ...agreeAnew(parts, before, standing, { hold, newTime: scheduledAt }) };
    }
  }
}

/** Whether all that is left of a batch that runs are calls in progress after which nobody is called again. */
async function isNobodyLeft({ store }: BatchParts, { organizationId, id, status, isPaused, rules }: StoredBatch) {
  if (status !== "sent" || isPaused) return false;
  const { rows: open } = await store.listTasks(organizationId, id, { status: "calling" }, { page: 0 });
  const { rows: waiting } = await store.listTasks(organizationId, id, { status: "pending" }, { page: 0 });
  return waiting.length === 0 && open.every((task) => task.attemptCount >= mostAttemptsOf(rules, [task]));
}

/** Another end of a batch rings nobody whom the one that was agreed to would not have rung, where nobody is left to ring. */
function isOtherEndAlone({ rules: before }: StoredBatch, rules: CallingRules, patch: RulesPatch = {}): boolean {
  const { stopWhen: _end, ...others } = rules;
  const { stopWhen: _was, ...known } = before;
  return "stopWhen" in patch && isDeepStrictEqual(others, known);
}

/** Another canary is judged by itself, whatever became of the last one. */
function steeredAnew(before: StoredBatch, rules: CallingRules | undefined): BatchChange {
  if (rules === undefined || isDeepStrictEqual(rules.canary, before.rules.canary)) return {};
  const { canary: _judged, ...others } = before.steering ?? {};
  return { steering: others };
}

/** What was agreed to of one batch, its canary and when it ends, is not counted over others unasked. */
function refuseOtherCampaign(
  { campaignId: own, rules: before }: StoredBatch,
  campaignId: string | undefined,
  rules: CallingRules | undefined,
): void {
  if (campaignId === undefined || campaignId === own) return;
  if (own === undefined && (rules || (!before.canary && !before.stopWhen))) return;
  const message =
    own === undefined
      ? "Its canary and stop_when were set for this batch alone. Give them, or {} for none, in the same change."
      : "It is a part of another campaign for good. Nothing was changed.";
  throw invalid({ field: "campaign_id", code: "contradiction", message });
}

/** Undefined when the change leaves the rules as they are: then nobody has to agree to anything again. */
function otherRules(before: CallingRules, patch: RulesPatch): CallingRules | undefined {
  const rules = withRules(before, patch);
  return isDeepStrictEqual(rules, before) ? undefined : rules;
}

/** The time of the edit, else the one that the batch was given before; it must still lie ahead. */
function startTime(before: StoredBatch, wanted: Date | undefined, now: Date): Date {
  const at = wanted ?? before.scheduledAt;
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
