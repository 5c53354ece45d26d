import type { Environment } from "../../domain/batch/batch.ts";
import type { CreateAttempt } from "./creation-log.ts";

// Longer than a create can take (5 s to connect, 30 s to answer): its process is gone. Where the Idempotency-Key
// decides, it does no harm to be wrong about that.
const abandonedAfterMs: Readonly<Record<Environment, number>> = { live: 45_000, simulated: 2_000 };
// A request that was cut off can still arrive; after this it is taken for lost.
const lateForMs = 120_000;

type Asked = { readonly allowDuplicate: boolean; readonly environment: Environment };

/** What a create does next, judged from what the ledger knows of the same content. */
export type Step =
  | { readonly kind: "send"; readonly generation: number }
  /** Another call is creating it at this moment. */
  | { readonly kind: "wait" }
  | { readonly kind: "reconcile"; readonly intent: CreateAttempt }
  | { readonly kind: "replay"; readonly intent: CreateAttempt };

export function nextStep(known: CreateAttempt | undefined, asked: Asked, now: Date): Step {
  if (!known) return { kind: "send", generation: 1 };
  switch (known.state) {
    case "unknown":
      return { kind: "reconcile", intent: known };
    case "sent":
      return isAbandoned(known, asked.environment, now) ? { kind: "reconcile", intent: known } : { kind: "wait" };
    case "created":
      return asked.allowDuplicate
        ? { kind: "send", generation: known.generation + 1 }
        : { kind: "replay", intent: known };
  }
}

/** True while a request whose answer is missing may still be on its way. */
export function mayStillSucceed(intent: CreateAttempt, now: Date): boolean {
  return now.getTime() - intent.sentAt.getTime() < lateForMs;
}

function isAbandoned(intent: CreateAttempt, environment: Environment, now: Date): boolean {
  return now.getTime() - intent.updatedAt.getTime() >= abandonedAfterMs[environment];
}
