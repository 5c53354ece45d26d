import { type BatchBody, toBatchBody } from "../../contract/batch/batch.ts";
import type { BatchProgress } from "../../contract/records.ts";
import { nextAttemptAt } from "../../domain/retry-rules.ts";
import { toTimeOfDay } from "../../domain/time/zone.ts";
import type { BatchFacts, StoredBatch, StoredTask } from "../store/index.ts";
import type { BatchParts } from "./batches.ts";

/**
 * Batches as the API shows them, with what is counted from their tasks at this moment, to somebody who reached the
 * service at `origin`.
 */
export async function showBatches(
  { store, clock }: BatchParts,
  batches: readonly StoredBatch[],
  { origin }: { readonly origin: string },
): Promise<readonly BatchBody[]> {
  const now = clock.now();
  const ids = batches.map(({ id }) => id);
  const facts = await store.facts(ids, now);
  return batches.flatMap((batch) => {
    const known = facts.get(batch.id);
    return known ? [toBatchBody(batch, withNextAttempt(batch, known, now), origin)] : [];
  });
}

export async function showBatch(
  parts: BatchParts,
  batch: StoredBatch,
  reader: { readonly origin: string },
): Promise<BatchBody> {
  const [body] = await showBatches(parts, [batch], reader);
  if (!body) throw new Error("The store answered no facts for a batch.");
  return body;
}

function withNextAttempt(
  batch: StoredBatch,
  facts: BatchFacts,
  now: Date,
): BatchProgress & { readonly nextAttemptAt?: Date } {
  const nextAttemptAt = nextAttemptOfBatch(batch, facts.nextDueAt, now);
  return nextAttemptAt ? { ...facts, nextAttemptAt } : facts;
}

/** What a recipient waits for, in words, and until when; no time where a person or a free line decides it. */
type NextAttempt = { readonly reason?: string; readonly nextAttemptAt?: Date };

/** What the next attempt of a pending task waits for. Other tasks have none: nothing is answered for them. */
export function nextAttemptOfTask(task: StoredTask, batch: StoredBatch, now: Date): NextAttempt {
  if (task.status !== "pending") return {};
  const { reason, at } = waitOf(task, batch, now);
  const reasons = [task.reason, reason].filter((part) => part !== undefined);
  return { ...(reasons.length > 0 && { reason: reasons.join("; ") }), ...(at && { nextAttemptAt: at }) };
}

/** When a batch dials next; undefined when it may at this moment, and when only a person can let it go on. */
function nextAttemptOfBatch(batch: StoredBatch, nextDueAt: Date | undefined, now: Date): Date | undefined {
  if (!isUnderWay(batch)) return undefined;
  const dueAt = batch.status === "scheduled" ? batch.scheduledAt : nextDueAt;
  return dueAt && openingAfter(dueAt, batch, now);
}

type Wait = { readonly reason?: string; readonly at?: Date };

function waitOf(task: StoredTask, batch: StoredBatch, now: Date): Wait {
  if (batch.isPaused) return { reason: batch.heldReason === undefined ? "the batch is paused" : "the batch is held" };
  if (!isUnderWay(batch)) return { reason: "the batch was not started" };
  const dueAt = batch.status === "scheduled" ? (batch.scheduledAt ?? now) : (task.dueAt ?? now);
  const at = openingAfter(dueAt, batch, now);
  if (!at) return { reason: "waits for a free line" };
  // The reason of a retry tells its time already, unless quiet hours move it.
  const isTold = task.reason !== undefined && at.getTime() === dueAt.getTime();
  return isTold ? { at } : { reason: toWords(at, batch), at };
}

function isUnderWay({ status, isPaused }: StoredBatch): boolean {
  return !isPaused && (status === "scheduled" || status === "sent");
}

/** When what is due then can be dialed; undefined when that is now. */
function openingAfter(dueAt: Date, { rules, timezone }: StoredBatch, now: Date): Date | undefined {
  const at = nextAttemptAt(dueAt > now ? dueAt : now, rules.quietHours, timezone);
  return at > now ? at : undefined;
}

function toWords(at: Date, { rules, timezone }: StoredBatch): string {
  const zone = rules.quietHours?.enabled ? (rules.quietHours.zone ?? timezone) : timezone;
  return `waits for ${toTimeOfDay(at, zone)} in ${zone}`;
}
