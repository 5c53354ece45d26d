import { type BatchBody, toBatchBody, toCallerIdsBody, toHeldByCallsBody } from "../../contract/batch/batch.ts";
import type { BatchProgress } from "../../contract/records.ts";
import { summarizeAnswers } from "../../domain/batch/answers.ts";
import type { Cost, HeldByCalls, WaitKind } from "../../domain/batch/batch.ts";
import { type CallerIdShare, callerIdsOf, countNearest } from "../../domain/batch/caller-ids.ts";
import { localTimeOf, zonesOfRecipient } from "../../domain/phone/recipient-time.ts";
import { joinParts } from "../../domain/text.ts";
import { hasClosedDays } from "../../domain/time/closed-days.ts";
import type { OperatorWait } from "../../domain/time/operator-hours.ts";
import { nextOpening } from "../../domain/time/quiet-hours.ts";
import {
  batchQuietHours,
  holdEachBack,
  mayRingFrom,
  nextAttemptAt,
  type TimedRecipient,
} from "../../domain/time/recipient-hours.ts";
import { toTimeOfDay, toWallTime } from "../../domain/time/zone.ts";
import type { CarrierRest } from "../dialing/index.ts";
import { asDialed, type BatchFacts, fromLineReason, type StoredBatch, type StoredTask } from "../store/index.ts";
import type { BatchParts } from "./batches.ts";

type AnswerCount = Awaited<ReturnType<BatchParts["store"]["countAnswers"]>>[number];

/**
 * Batches as the API shows them, with what is counted from their tasks at this moment, to somebody who reached the
 * service at `origin`.
 */
export async function showBatches(
  { store, clock, dialing }: BatchParts,
  batches: readonly StoredBatch[],
  { origin }: { readonly origin: string },
  { answers = [], costs = [] }: { readonly answers?: readonly AnswerCount[]; readonly costs?: readonly Cost[] } = {},
): Promise<readonly BatchBody[]> {
  const now = clock.now();
  const ids = batches.map(({ id }) => id);
  const facts = await store.facts(ids, now);
  const rest = dialing.carrierRest();
  return batches.flatMap((batch) => {
    const known = facts.get(batch.id);
    if (!known) return [];
    const told = {
      ...(answers.length > 0 && { answers: summarizeAnswers(answers, known.outcomes.answered) }),
      ...(costs.length > 0 && { costs }),
    };
    return [toBatchBody(batch, { ...withNextAttempt(batch, known, { now, rest }), ...told }, origin)];
  });
}

/** The same of one batch, with what its recipients answered and its calls cost. */
export async function showBatch(
  parts: BatchParts,
  batch: StoredBatch,
  reader: { readonly origin: string },
): Promise<BatchBody> {
  const [answers, costs] = await Promise.all([parts.store.countAnswers(batch.id), parts.store.sumCosts(batch.id)]);
  const [body] = await showBatches(parts, [batch], reader, { answers, costs });
  if (!body) throw new Error("The store answered no facts for a batch.");
  const held = await heldByCalls(parts, batch);
  const shares = await shareOut(parts, batch);
  return {
    ...body,
    ...(shares && { caller_ids: toCallerIdsBody(shares) }),
    ...(await countWaits(parts, batch)),
    ...(held.length > 0 && { held_by_calls: held.map(toHeldByCallsBody) }),
  };
}

/** How many people of its list each caller id of a batch is nearest to; undefined where it has one. */
async function shareOut({ store }: BatchParts, batch: StoredBatch): Promise<readonly CallerIdShare[] | undefined> {
  const { organizationId, id, fromNumber, rules } = batch;
  if (!rules.moreFromNumbers) return undefined;
  const { rows } = await store.listTasks(organizationId, id, {}, { page: 0 });
  const listed = rows.filter(({ status }) => status !== "cancelled").map(({ toNumber }) => toNumber);
  return countNearest(listed, callerIdsOf(fromNumber, rules.moreFromNumbers));
}

/** Who waits for calls of other batches: of a batch that runs those whose turn came, of one that is to start later everybody. */
async function heldByCalls(parts: BatchParts, batch: StoredBatch): Promise<readonly HeldByCalls[]> {
  const { store, clock, minHoursBetweenBatches: hours = 0, testNumbers = [] } = parts;
  const now = clock.now();
  const isLookedAt = batch.status === "sent";
  const from = isLookedAt ? now : (batch.scheduledAt ?? now);
  // Whoever was called by now may be called again by then.
  if (hours === 0 || !isUnderWay(batch) || from.getTime() - now.getTime() >= hours * hourMs) return [];
  const held = await store.heldByCalls(batch, { from, hours, exceptNumbers: testNumbers, isLookedAt });
  const opening = (at: Date) => nextOpening(batchQuietHours(batch.rules), batch.timezone, at);
  return held.map(({ first, last, ...one }) => ({ ...one, first: opening(first), last: opening(last) }));
}

const hourMs = 60 * 60 * 1000;

type Waits = Pick<BatchBody, "waits_for" | "line_wait"> & { readonly next_attempt_timestamp?: number };

/**
 * How many recipients wait for what, and where that is a line that the carrier has not: why, and until when the first of them does. Where
 * each goes by a clock of their own, also when the first of them is called.
 */
async function countWaits(parts: BatchParts, batch: StoredBatch): Promise<Waits> {
  const { store, clock, operatorWaitOf } = parts;
  const rest = parts.dialing.carrierRest() ?? parts.dialing.lineWaitOf(batch.id);
  const goesByClocks =
    holdEachBack(batch.rules) ||
    batch.notBeforeLocal !== undefined ||
    (operatorWaitOf !== undefined && isUnderWay(batch));
  const now = clock.now();
  const counts = new Map<WaitKind, number>();
  const waits = (await store.waiting(batch.id, goesByClocks)).map((group) => ({
    ...waitOf(group, batch, { now, operatorWaitOf, rest }),
    recipients: group.recipients,
  }));
  for (const { waitsFor, recipients } of waits) counts.set(waitsFor, (counts.get(waitsFor) ?? 0) + recipients);
  const lines = waits.flatMap(({ waitsFor, reason, at }) =>
    waitsFor === "line" && reason && at ? { reason, at } : [],
  );
  const [first] = lines.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return {
    waits_for: Object.fromEntries(counts),
    ...(first && { line_wait: { reason: first.reason, until_timestamp: first.at.getTime() } }),
    ...(goesByClocks && firstOf(waits.map(({ at, isLatest }) => (isLatest ? undefined : at)))),
  };
}

/** Nothing where somebody may be called at this moment, or waits for a person. */
function firstOf(times: readonly (Date | undefined)[]): Pick<Waits, "next_attempt_timestamp"> {
  const known = times.flatMap((at) => at?.getTime() ?? []);
  return known.length === 0 || known.length < times.length ? {} : { next_attempt_timestamp: Math.min(...known) };
}

function withNextAttempt(
  batch: StoredBatch,
  facts: BatchFacts,
  view: Pick<Viewed, "now" | "rest">,
): BatchProgress & { readonly nextAttemptAt?: Date } {
  const nextAttemptAt = nextAttemptOfBatch(batch, facts.nextDueAt, view);
  return nextAttemptAt ? { ...facts, nextAttemptAt } : facts;
}

/** What a recipient waits for, in words, and until when; no time where a person or a free line decides it. */
type NextAttempt = { readonly reason?: string; readonly nextAttemptAt?: Date; readonly waitsFor?: WaitKind };

/** What the next attempt of a pending task waits for. Other tasks have none: nothing is answered for them. */
export function nextAttemptOfTask(task: StoredTask, batch: StoredBatch, view: Viewed): NextAttempt {
  if (task.status !== "pending") return {};
  const { reason, at, isLatest, waitsFor } = waitOf(asDialed(task), batch, view);
  const lastReason = fromLineReason(task.reason) === undefined ? task.reason : undefined;
  const reasons = [lastReason, reason].filter((part) => part !== undefined);
  const isKnown = at !== undefined && !isLatest;
  return { ...(reasons.length > 0 && { reason: joinParts(reasons) }), ...(isKnown && { nextAttemptAt: at }), waitsFor };
}

/** When a batch dials next; undefined when it may at this moment, and when only a person can let it go on. */
function nextAttemptOfBatch(
  batch: StoredBatch,
  nextDueAt: Date | undefined,
  { now, rest }: Pick<Viewed, "now" | "rest">,
): Date | undefined {
  if (!isUnderWay(batch)) return undefined;
  const dueAt = batch.status === "scheduled" ? batch.scheduledAt : nextDueAt;
  if (!dueAt) return undefined;
  const from = rest && !rest.isLatest ? rest.until : now;
  const at = nextOpening(batchQuietHours(batch.rules), batch.timezone, dueAt > from ? dueAt : from);
  return at > now ? at : undefined;
}

/** `rest`: while nothing, or nothing more of this batch, is handed to the carrier. */
type Viewed = { readonly now: Date; readonly rest?: CarrierRest | undefined } & Pick<BatchParts, "operatorWaitOf">;
/** `isLatest`: it may be over sooner than `at`. */
type Wait = { readonly waitsFor: WaitKind; readonly reason?: string; readonly at?: Date; readonly isLatest?: boolean };

type WaitingTask = TimedRecipient & Pick<StoredTask, "dueAt" | "attemptCount" | "reason">;

/** `task.toNumber` is the number that is dialed next. */
function waitOf(task: WaitingTask, batch: StoredBatch, { now, operatorWaitOf, rest }: Viewed): Wait {
  if (batch.isPaused)
    return batch.heldReason === undefined
      ? { waitsFor: "pause", reason: "the batch is paused" }
      : { waitsFor: "hold", reason: "the batch is held" };
  if (!isUnderWay(batch)) return { waitsFor: "start", reason: "the batch was not started" };
  const dueAt = batch.status === "scheduled" ? (batch.scheduledAt ?? now) : (task.dueAt ?? now);
  const at = nextAttemptAt(dueAt > now ? dueAt : now, task, batch);
  if (at === "never") return { waitsFor: "recipient_clock", reason: "no hour suits every clock that may be theirs" };
  const heldAt = (instant: Date) => operatorWaitOf?.(task.toNumber, instant, task.timezone);
  const held = heldAt(at);
  if (held) return toOperatorWait(held, task, batch);
  if (at <= now) return rest ? toLineWait(rest, batch) : { waitsFor: "line", reason: "waits for a free line" };
  const line = fromLineReason(task.reason);
  if (line !== undefined && at.getTime() === dueAt.getTime()) return toLineWait({ until: at, why: line }, batch);
  // What they held back when its turn came is due when they no longer do; what the batch's own rules hold back as well is told by these.
  const heldNow = heldAt(now);
  const byRules = mayRingFrom(task, batch, now);
  const isByRules = byRules !== "never" && byRules >= at;
  if (!isByRules && heldNow?.until.getTime() === at.getTime()) return toOperatorWait(heldNow, task, batch);
  const waitsFor = waitKindOf(task, batch, { at, dueAt, now });
  // The reason of a retry tells its time already, unless quiet hours move it.
  const isTold = task.reason !== undefined && at.getTime() === dueAt.getTime();
  return isTold ? { waitsFor, at } : { waitsFor, reason: toWords(at, waitsFor, task, batch), at };
}

function toOperatorWait({ until, by }: OperatorWait, task: WaitingTask, batch: StoredBatch): Wait {
  const whose = by === "hours_preset" ? "the preset that the operator chose" : "the operator's calling hours";
  return { waitsFor: by, reason: `${toWords(until, by, task, batch)}, by ${whose}`, at: until };
}

function toLineWait({ until, why, isLatest = false }: CarrierRest, { timezone }: StoredBatch): Wait {
  // Words end with a second: the next whole one, or they would tell a time that has passed.
  const at = new Date(Math.ceil(until.getTime() / 1000) * 1000);
  const reason = `waits for a free line: ${why}; until ${toWallTime(at, timezone).replace("T", " ")} in ${timezone}${isLatest ? " at the latest" : ""}`;
  return { waitsFor: "line", reason, at, isLatest };
}

type Moments = { readonly at: Date; readonly dueAt: Date; readonly now: Date };

function waitKindOf(task: WaitingTask, batch: StoredBatch, { at, dueAt, now }: Moments): WaitKind {
  const is = (other: Date | "never" | undefined) => other instanceof Date && other.getTime() === at.getTime();
  if (is(task.notBefore)) return "not_before";
  if (batch.status === "scheduled" && is(dueAt)) return "start";
  // What its recipient's clock held back when its turn came is due when that no longer does.
  if (is(mayRingFrom(task, batch, now))) return "recipient_clock";
  if (at > dueAt) return batchQuietHours(batch.rules)?.enabled ? "quiet_hours" : "recipient_clock";
  return task.attemptCount > 0 ? "retry" : "other_call";
}

function isUnderWay({ status, isPaused }: StoredBatch): boolean {
  return !isPaused && (status === "scheduled" || status === "sent");
}

const onOwnClock: readonly WaitKind[] = ["not_before", "recipient_clock", "calling_hours", "hours_preset"];

/** The time on the clock by which it waits; where nobody knows which of several is the recipient's, on that of the batch. */
function toWords(at: Date, waitsFor: WaitKind, recipient: TimedRecipient, { rules, timezone }: StoredBatch): string {
  const quiet = batchQuietHours(rules);
  const shared = quiet?.enabled ? (quiet.zone ?? timezone) : timezone;
  if (!onOwnClock.some((kind) => kind === waitsFor)) {
    // After days without calls the time alone could be that of any day.
    const isDated = quiet?.enabled && hasClosedDays(quiet);
    if (waitsFor === "other_call")
      return `waits for ${toWallTime(at, shared).replace("T", " ")} in ${shared}, after another call to this number`;
    return `waits for ${isDated ? toWallTime(at, shared).replace("T", " ") : toTimeOfDay(at, shared)} in ${shared}`;
  }
  const zones = zonesOfRecipient(recipient.toNumber, recipient.timezone);
  const local = localTimeOf(at, zones);
  const [zone = shared] = local === undefined ? [] : zones;
  return `waits for ${(local ?? toWallTime(at, shared)).replace("T", " ")} in ${zone}`;
}
