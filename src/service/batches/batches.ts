import type { NewBatch } from "../../contract/batch/create-batch.ts";
import { toFailureBody } from "../../contract/envelope.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CarrierAccount } from "../accounts/index.ts";
import type { Dialing } from "../dialing/index.ts";
import type { BatchStore, CreateResult, Idempotency, StoredBatch } from "../store/index.ts";
import { checkAccount, newBatchId, toContent, uniqueTasks } from "./batch-input.ts";
import { Refusal } from "./refusal.ts";

export type BatchParts = {
  readonly store: BatchStore;
  readonly dialing: Dialing;
  readonly account: CarrierAccount;
  readonly clock: Clock;
};

export type Created = { readonly batch: StoredBatch; readonly replayed: boolean };

/**
 * What an earlier request with the same key made; undefined for a new key. Looked up before the body is checked: the
 * time that a body names may have passed since it was first accepted.
 */
export async function findReplay(
  parts: BatchParts,
  organizationId: string,
  idempotency: Idempotency,
): Promise<Created | undefined> {
  const replay = await parts.store.findReplay(organizationId, idempotency, parts.clock.now());
  return replay && toCreated(replay);
}

/** Creates the batch and, when it is to start now, lets it run. */
export async function createBatch(
  parts: BatchParts,
  organizationId: string,
  wanted: NewBatch,
  idempotency?: Idempotency,
): Promise<Created> {
  checkAccount(parts.account, wanted);
  const now = parts.clock.now();
  const tasks = uniqueTasks(wanted.tasks);
  const content = toContent(wanted, wanted.tasks.length - tasks.length, now);
  const batch = { ...content, id: newBatchId(), organizationId, isPaused: false, createdAt: now, updatedAt: now };
  const created = toCreated(await parts.store.createBatch(batch, tasks, idempotency));
  parts.dialing.wake();
  return created;
}

function toCreated(result: CreateResult): Created {
  switch (result.kind) {
    case "created":
      return { batch: result.batch, replayed: false };
    case "replayed":
      return { batch: result.batch, replayed: true };
    case "key_reused":
      throw keyRefused("The Idempotency-Key was used before with another body. Nothing was created; use a new key.");
    case "deleted":
      throw keyRefused(
        "The batch call that this Idempotency-Key created was deleted. Nothing was created; use a new key.",
      );
  }
}

function keyRefused(detail: string): Refusal {
  return new Refusal(422, toFailureBody("Idempotency error", detail));
}
