import type { Batch } from "../domain/batch.ts";
import type { BatchPlan } from "../domain/plan.ts";
import type { Beginning } from "./begin.ts";
import type { DoNotCallList } from "./do-not-call.ts";

/** A launch that waits for a person. */
export type ApprovalNeeded = {
  /** What a person can do about it, in one sentence. */
  readonly how: string;
  readonly expectedRecipients: number;
  readonly fingerprint: string;
};

type CreateResult = {
  readonly batch: Batch;
  /** True when the same content was created before and this is that batch. */
  readonly replayed: boolean;
  /** Fields that the API did not echo, so that nobody knows whether it took them as meant. */
  readonly unverified: readonly string[];
  /** Set when a start was asked for and a person has to agree first; nothing rings until then. */
  readonly approval?: ApprovalNeeded;
};

/** The only way to a ringing phone. Creation never dials; starting asks whether it may. */
export type Launch = {
  create(
    plan: BatchPlan,
    options: { readonly allowDuplicate: boolean; readonly principal: string },
  ): Promise<CreateResult>;
  /** The batch that `create` would replay for this content, if there is one. Changes nothing. */
  findSame(plan: BatchPlan, principal: string): Promise<Batch | undefined>;
  /** Throws `needs_approval` where a person has to agree first, `wrong_state` where the batch cannot start. */
  start(batchId: string, start: Beginning): Promise<Batch>;
  /** Throws `needs_approval` as `start` does. */
  resume(batchId: string, options: { readonly redialUnknown: boolean }): Promise<Batch>;
  /** Numbers that are left out of every new batch. */
  readonly doNotCall: DoNotCallList;
};
