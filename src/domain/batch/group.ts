import { joinParts } from "../text.ts";
import { sumAnswers } from "./answers.ts";
import {
  type Batch,
  type BatchStatus,
  type Cost,
  type Counts,
  type OutcomeCounts,
  outcomes,
  taskStatuses,
  type WaitKind,
  type Waits,
  waitKinds,
} from "./batch.ts";
import { mergeShares } from "./caller-ids.ts";
import type { BatchPlan, Recipient } from "./plan.ts";
import { fitVariables } from "./preview-variables.ts";
import { maxRecipients } from "./recipients.ts";
import { mergeSteered } from "./steering.ts";

const idPrefix = "group_";

/** Whether the id is that of linked batches, and not of one batch of the API. */
export function isGroupId(batchId: string): boolean {
  return batchId.startsWith(idPrefix);
}

export function toGroupId(digest: string): string {
  return idPrefix + digest;
}

/** A part as it was cut from the list: who is in it, and between which rows. */
export type PlannedPart = {
  readonly plan: BatchPlan;
  readonly firstRow: number;
  readonly lastRow: number;
};

const longestName = 255;
// ` [bc-…]`, by which a draft is found again, has to fit behind it: see `markedName`.
const roomForMarker = 18;

/**
 * The plan as parts that the API takes, in the order of the rows. People on the do-not-call list count for the cut, so that
 * somebody who opts out meanwhile moves nobody else into another part. A part in which nobody is left is none.
 */
export function cutPlan(plan: BatchPlan): readonly PlannedPart[] {
  const { recipients, suppressed = [], blankVariables = [], ...others } = plan;
  const variables = blankVariables.map(({ name }) => name);
  const isCalled = new Set(recipients);
  const people = [...recipients, ...suppressed].sort((a, b) => a.row - b.row);
  const slices = Array.from({ length: Math.ceil(people.length / maxRecipients) }, (_, index) =>
    people.slice(index * maxRecipients, (index + 1) * maxRecipients),
  );
  return slices.map((slice, index) => {
    const called = slice.filter((person) => isCalled.has(person));
    const blank = fitVariables(variables, called).missing;
    return {
      plan: {
        ...others,
        name: nameOfPart(plan.name, index + 1, slices.length),
        recipients: called,
        ...(blank.length > 0 && { blankVariables: blank }),
      },
      firstRow: slice.at(0)?.row ?? 0,
      lastRow: slice.at(-1)?.row ?? 0,
    };
  });
}

/** `June reminders (2/3)`, shortened to what the API takes with a marker behind it. */
export function nameOfPart(name: string, part: number, parts: number): string {
  const suffix = ` (${part}/${parts})`;
  return name.slice(0, longestName - roomForMarker - suffix.length) + suffix;
}

/** Everybody whom the cut counts, in its order: the same people in another order are cut otherwise. */
export function cutOrder({ recipients, suppressed = [] }: BatchPlan): readonly string[] {
  return [...recipients, ...suppressed].sort(byRow).map(({ toNumber }) => toNumber);
}

function byRow(a: Recipient, b: Recipient): number {
  return a.row - b.row;
}

/** What is known of a group beside its parts. */
export type GroupFacts = {
  readonly groupId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly state: "creating" | "created" | "cancelled";
};

/** A part as it was read, or why it cannot be. */
export type ReadPart = {
  readonly recipients: number;
  readonly batch: Batch | "not_created" | "deleted";
  readonly batchId?: string;
};

/**
 * The parts as one batch: its status is that of the least advanced of them, or cancelled where a cancel of the group ended any, and its
 * counts are their sum. People of a part that is not created wait; those of one that was deleted as a draft are not called.
 */
export function mergeParts({ groupId, name, createdAt, state }: GroupFacts, parts: readonly ReadPart[]): Batch {
  const batches = parts.flatMap(({ batch }) => (typeof batch === "string" ? [] : [batch]));
  const [first] = batches;
  const open = batches.filter(({ status }) => rankOf(status) <= rankOf("sent"));
  const held = open.filter(isHeld);
  const local = open[0]?.notBeforeLocal;
  const starts = open.flatMap(({ scheduledAt }) => scheduledAt ?? []);
  const next = open.flatMap(({ nextAttemptAt }) => nextAttemptAt ?? []);
  const pace = batches.map(({ callsPerMinute }) => callsPerMinute);
  const heldByCalls = batches.flatMap((batch) => batch.heldByCalls ?? []);
  const agreed = batches.flatMap(({ agreedUntil }) => agreedUntil ?? []);
  const heldReason = heldReasonOf(parts);
  const answers = batches.flatMap((batch) => batch.answers ?? []);
  const costs = batches.flatMap((batch) => batch.costs ?? []);
  const ringing = batches.flatMap(({ mayStillRing }) => mayStillRing ?? []);
  const unread = sum(batches.map(({ unreadCalls }) => unreadCalls));
  const counts = sumCounts(parts);
  const byOutcome = sumOutcomes(batches);
  const waitsFor = sumWaits(batches);
  const [lineWait] = batches.flatMap((batch) => batch.lineWait ?? []).toSorted((a, b) => +a.until - +b.until);
  const steered = mergeSteered(batches.map((batch) => batch.steered));
  const gone = open.flatMap((batch) => batch.goneFromNumbers ?? []);
  const callerIds = mergeShares(batches.map((batch) => batch.callerIds));
  return {
    batchId: groupId,
    name,
    status: statusOf(parts, state === "cancelled"),
    total: parts.reduce(
      (sum, { batch, recipients }) => sum + (typeof batch === "string" ? recipients : batch.total),
      0,
    ),
    isPaused: held.length > 0 && held.length === open.length && held.every(({ isPaused }) => isPaused),
    createdAt,
    ...(first?.agentId !== undefined && { agentId: first.agentId }),
    ...(first?.fromNumber !== undefined && { fromNumber: first.fromNumber }),
    ...(first?.moreFromNumbers && { moreFromNumbers: first.moreFromNumbers }),
    ...(callerIds && { callerIds }),
    ...(gone.length > 0 && { goneFromNumbers: [...new Set(gone)] }),
    ...(first?.timezone !== undefined && { timezone: first.timezone }),
    ...(first?.consent && { consent: first.consent }),
    ...(starts.length > 0 && { scheduledAt: earliest(starts) }),
    ...(local !== undefined &&
      open.every(({ notBeforeLocal }) => notBeforeLocal === local) && { notBeforeLocal: local }),
    ...(next.length > 0 && { nextAttemptAt: earliest(next) }),
    ...(pace.length > 0 && pace.every((calls) => calls !== undefined) && { callsPerMinute: sum(pace) }),
    ...sumKnown("optedOut", batches),
    ...sumKnown("doNotCall", batches),
    ...sumKnown("excluded", batches),
    ...(first?.exclude && { exclude: first.exclude }),
    ...(first?.voicemail && { voicemail: first.voicemail }),
    ...(first?.heldRules && { heldRules: first.heldRules }),
    ...(ringing.length > 0 && { mayStillRing: sum(ringing) }),
    ...(counts && { counts }),
    ...(byOutcome && { outcomes: byOutcome }),
    ...(answers.length > 0 && { answers: sumAnswers(answers) }),
    ...(costs.length > 0 && { costs: sumCosts(costs) }),
    ...(unread > 0 && { unreadCalls: unread }),
    ...(waitsFor && { waitsFor }),
    ...(lineWait && { lineWait }),
    ...(steered && { steered }),
    ...(heldByCalls.length > 0 && { heldByCalls }),
    ...(agreed.length > 0 && { agreedUntil: latest(agreed) }),
    ...(heldReason !== undefined && { heldReason }),
    parts: parts.map(({ batch, batchId }) => ({
      ...(batchId !== undefined && { batchId }),
      status: typeof batch === "string" ? batch : batch.status,
      isHeld: typeof batch !== "string" && isHeld(batch),
    })),
  };
}

function sumCosts(costs: readonly Cost[]): readonly Cost[] {
  const byUnit = new Map<string | undefined, Cost>();
  for (const cost of costs) {
    const { amount, calls } = byUnit.get(cost.unit) ?? { amount: 0, calls: 0 };
    byUnit.set(cost.unit, { ...cost, amount: amount + cost.amount, calls: calls + cost.calls });
  }
  return [...byUnit.values()];
}

function isHeld({ isPaused, heldReason }: Batch): boolean {
  return isPaused || heldReason !== undefined;
}

const ranks: readonly BatchStatus[] = ["draft", "scheduled", "sent", "completed", "failed", "cancelled"];

function rankOf(status: BatchStatus): number {
  return ranks.indexOf(status);
}

function statusOf(parts: readonly ReadPart[], isCancelled: boolean): BatchStatus {
  const all = parts.map(({ batch }): BatchStatus => {
    if (batch === "not_created") return "draft";
    return batch === "deleted" ? "cancelled" : batch.status;
  });
  const least = all.reduce((one, status) => (rankOf(status) < rankOf(one) ? status : one), "cancelled");
  return isCancelled && rankOf(least) > rankOf("sent") && all.includes("cancelled") ? "cancelled" : least;
}

/** What keeps some of the parts, by their numbers. */
function heldReasonOf(parts: readonly ReadPart[]): string | undefined {
  const reasons = new Map<string, number[]>();
  let open = 0;
  for (const [index, { batch }] of parts.entries()) {
    if (batch === "deleted" || (typeof batch !== "string" && rankOf(batch.status) > rankOf("sent"))) continue;
    open++;
    const reason =
      batch === "not_created" ? "not created yet" : (batch.heldReason ?? (batch.isPaused ? "paused" : undefined));
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), index + 1]);
  }
  const [[onlyReason, ofAll] = ["", []]] = reasons;
  if (reasons.size === 1 && ofAll.length === open) return onlyReason === "paused" ? undefined : onlyReason;
  const told = [...reasons].map(([reason, numbers]) => `${partsText(numbers, parts.length)}: ${reason}`);
  return told.length === 0 ? undefined : joinParts(told);
}

/** `part 2 of 3`, `parts 1, 3 of 3`. */
export function partsText(numbers: readonly number[], total: number): string {
  return `${numbers.length === 1 ? "part" : "parts"} ${numbers.join(", ")} of ${total}`;
}

function sumCounts(parts: readonly ReadPart[]): Counts | undefined {
  const total = { total: 0, pending: 0, calling: 0, completed: 0, failed: 0, unknown: 0, cancelled: 0 };
  for (const { batch, recipients } of parts) {
    if (typeof batch === "string") {
      total.total += recipients;
      total[batch === "deleted" ? "cancelled" : "pending"] += recipients;
      continue;
    }
    if (!batch.counts) return undefined;
    total.total += batch.counts.total;
    for (const status of taskStatuses) total[status] += batch.counts[status];
  }
  return total;
}

function sumOutcomes(batches: readonly Batch[]): OutcomeCounts | undefined {
  const total = { answered: 0, no_answer: 0, busy: 0, voicemail: 0, failed: 0 };
  for (const batch of batches) {
    if (!batch.outcomes) return undefined;
    for (const outcome of outcomes) total[outcome] += batch.outcomes[outcome];
  }
  return batches.length === 0 ? undefined : total;
}

/** Nothing where one of the batches does not tell. */
function sumKnown(field: "optedOut" | "doNotCall" | "excluded", batches: readonly Batch[]): Partial<Batch> {
  const told = batches.flatMap((batch) => batch[field] ?? []);
  return told.length > 0 && told.length === batches.length ? { [field]: sum(told) } : {};
}

function sumWaits(batches: readonly Batch[]): Waits | undefined {
  const total = new Map<WaitKind, number>();
  for (const { waitsFor } of batches) {
    if (!waitsFor) return undefined;
    for (const kind of waitKinds) total.set(kind, (total.get(kind) ?? 0) + (waitsFor[kind] ?? 0));
  }
  return Object.fromEntries([...total].filter(([, count]) => count > 0));
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, one) => total + (one ?? 0), 0);
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

function earliest(dates: readonly Date[]): Date {
  return new Date(Math.min(...dates.map((date) => date.getTime())));
}
