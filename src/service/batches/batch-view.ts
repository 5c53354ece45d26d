import { type BatchBody, type BatchProgress, toBatchBody } from "../../contract/batch/batch.ts";
import type { BatchFacts, StoredBatch } from "../store/index.ts";
import type { BatchParts } from "./batches.ts";
import { nextAttemptOfBatch } from "./next-attempt.ts";

/** Batches as the API shows them, with what is counted from their tasks at this moment. */
export async function showBatches(
  { store, clock }: BatchParts,
  batches: readonly StoredBatch[],
): Promise<readonly BatchBody[]> {
  const now = clock.now();
  const ids = batches.map(({ id }) => id);
  const facts = await store.facts(ids, now);
  return batches.flatMap((batch) => {
    const known = facts.get(batch.id);
    return known ? [toBatchBody(batch, withNextAttempt(batch, known, now))] : [];
  });
}

export async function showBatch(parts: BatchParts, batch: StoredBatch): Promise<BatchBody> {
  const [body] = await showBatches(parts, [batch]);
  if (!body) throw new Error("The store answered no facts for a batch.");
  return body;
}

function withNextAttempt(batch: StoredBatch, facts: BatchFacts, now: Date): BatchProgress {
  const nextAttemptAt = nextAttemptOfBatch(batch, facts.nextDueAt, now);
  return nextAttemptAt ? { ...facts, nextAttemptAt } : facts;
}
