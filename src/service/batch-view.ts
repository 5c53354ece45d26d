import { type BatchBody, toBatchBody } from "../contract/batch.ts";
import type { BatchParts } from "./batches.ts";
import type { StoredBatch } from "./store/store.ts";

/** Batches as the API shows them, with what is counted from their tasks at this moment. */
export async function showBatches(
  { store, clock }: BatchParts,
  batches: readonly StoredBatch[],
): Promise<readonly BatchBody[]> {
  const facts = await store.facts(
    batches.map(({ id }) => id),
    clock.now(),
  );
  return batches.flatMap((batch) => {
    const known = facts.get(batch.id);
    return known ? [toBatchBody(batch, known)] : [];
  });
}

export async function showBatch(parts: BatchParts, batch: StoredBatch): Promise<BatchBody> {
  const [body] = await showBatches(parts, [batch]);
  if (!body) throw new Error("The store answered no facts for a batch.");
  return body;
}
