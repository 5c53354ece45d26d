import type { BatchEdit } from "../client/api.ts";
import type { Batch } from "../domain/batch/batch.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import type { ApprovalRequest } from "./approve/approval.ts";
import type { Requester, StartConfirmation } from "./approve/obtain-approval.ts";
import type { DoNotCallList } from "./do-not-call.ts";
import type { LaunchPolicy } from "./limits/policy.ts";
import type { StartRequest } from "./start/send-start.ts";

/** A launch that waits for a person. */
export type ApprovalNeeded = {
  /** What a person can do about it, and what to do meanwhile. */
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

/** How a launch stands that was asked for and has not begun. */
export type StartStatus =
  /** A person was asked, or an answer is looked for: the batch may begin by itself. */
  { readonly kind: "waits"; readonly words: string } | { readonly kind: "ended"; readonly words: string };

/** The only way to a ringing phone. Creation never dials; starting asks whether it may. */
export type Campaigns = {
  create(plan: BatchPlan, options: { readonly allowDuplicate: boolean; readonly by: Requester }): Promise<CreateResult>;
  /** The batch that `create` would replay for this content, if there is one. Changes nothing. */
  findSame(plan: BatchPlan, principal: string): Promise<Batch | undefined>;
  /**
   * Throws `needs_approval` while a person has yet to agree, or said no; `refused_by_limit` for a limit of the operator;
   * `wrong_state` where the batch cannot start; `outcome_unknown` while nobody knows whether it did.
   */
  start(batchId: string, start: StartRequest, by: Requester, expected: StartConfirmation): Promise<Batch>;
  /** Throws as `start` does. */
  resume(batchId: string, options: { readonly redialUnknown: boolean }, by: Requester): Promise<Batch>;
  /** Any edit but of the name voids the agreement to a start; it never starts anything. */
  edit(batchId: string, edit: BatchEdit, by: Requester): Promise<Batch>;
  /** Voids what was agreed to for a batch that is paused or cancelled. Before the request for that leaves. */
  revoke(batchId: string, why: string, by: Requester): Promise<void>;
  /** A batch that was paused may go on without new agreement for 15 minutes. */
  notePause(batchId: string): Promise<void>;
  startStatus(batchId: string): Promise<StartStatus | undefined>;
  /** What the limits say to a start of this plan: refusals of a live one, warnings for a simulated one. */
  warnings(plan: BatchPlan): Promise<readonly string[]>;
  /** Launches what a person agreed to outside of a call. */
  proceed(request: ApprovalRequest): Promise<void>;
  /** Takes up what an earlier process left open: launches, questions, drafts that nobody knows of. */
  takeUp(): Promise<void>;
  /** What the operator set, for whoever tells people about it. */
  readonly policy: LaunchPolicy;
  /** Numbers that are left out of every new batch. */
  readonly doNotCall: DoNotCallList;
  /** Ends the work in the background. */
  close(): Promise<void>;
};
