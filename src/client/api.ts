import type { CallerId, VoiceAgent } from "../contract/account.ts";
import type { BatchEdit } from "../contract/batch/edit.ts";
import type { Resumption, SentGrant, StopReading } from "../contract/batch/grant.ts";
import type { CallReading } from "../contract/call.ts";
import type { DoNotCallReading } from "../contract/do-not-call.ts";
import type { Page, PageRequest } from "../contract/paging.ts";
import type { RecentCallsQuery } from "../contract/recent-calls.ts";
import type { BatchFilter, NewDoNotCallEntry, RecentCall, TaskFilter } from "../contract/records.ts";
import type { Batch, Environment, Task } from "../domain/batch/batch.ts";
import type { CallLimits } from "../domain/batch/call-limits.ts";
import type { ListChangeReport } from "../domain/batch/list-change.ts";
import type { BatchPlan, Recipient } from "../domain/batch/plan.ts";

export type { BatchEdit, CallerId, CallReading, Page, PageRequest, SentGrant, VoiceAgent };

/**
 * The batch-call API, one method a route; a page has at most 100 rows. Every method throws a `Problem`; the codes are
 * `invalid_input` (400, 403 for a caller id or agent), `unauthorized` (401, other 403), `not_found` (404), `wrong_state` (409 or a refused transition),
 * `rate_limited` (429), `unavailable` (never reached, or a read that kept failing), `outcome_unknown` (a write whose
 * answer is missing), `bad_response` (an answer that cannot be understood), `unsupported` (the API has no such route).
 */
export type BatchCallApi = {
  /** Scheme, host and port of the upstream. */
  origin(): Promise<string>;
  /** `simulated` only when the upstream says so; asked once. */
  environment(): Promise<Environment>;
  /** True where a batch that runs can be paused, resumed and cancelled: extensions that only our own service shows it has. */
  hasBrake(): Promise<boolean>;
  /** How fast it calls at most; undefined where it does not tell, as only our own service does. */
  callLimits(): Promise<CallLimits | undefined>;
  /** Always sent as a draft, with the intended time; `idempotencyKey` is sent along. */
  createDraft(plan: BatchPlan, idempotencyKey: string): Promise<Batch>;
  getBatch(batchId: string): Promise<Batch>;
  listBatches(query: PageRequest & BatchFilter): Promise<Page<Batch>>;
  editBatch(batchId: string, edit: BatchEdit): Promise<Batch>;
  /** Replaces a draft, its list included, by the plan; it stays a draft. */
  replaceDraft(batchId: string, plan: BatchPlan): Promise<Batch>;
  /**
   * Makes the list of a batch that has not ended this one, as far as it can still be changed. With `hold` the change agrees to
   * no call. An extension of our service: `unsupported` elsewhere.
   */
  replaceList(
    batchId: string,
    recipients: readonly Recipient[],
    options: { readonly hold: boolean },
  ): Promise<{ readonly batch: Batch; readonly report: ListChangeReport }>;
  deleteBatch(batchId: string): Promise<void>;
  /** `grant` is what somebody agreed to, for an API that keeps agreements. */
  executeBatch(batchId: string, grant?: SentGrant): Promise<void>;
  /** Extensions of our service: `unsupported` elsewhere. */
  pauseBatch(batchId: string, options?: { readonly isResumable: boolean }): Promise<Batch>;
  resumeBatch(batchId: string, resumption: Resumption): Promise<Batch>;
  cancelBatch(batchId: string): Promise<Batch>;
  /** Stops all calls of the account, or lets them be started again; returns how many batches are held by it. An extension of our service. */
  setStop(isStopped: boolean): Promise<number>;
  /** The stop of all calls that is on there, of this account or of everybody; undefined where none is, or where the API has none. */
  getStop(): Promise<StopReading | undefined>;
  /** The filters are an extension; the hosted API ignores them. */
  listTasks(batchId: string, query: PageRequest & TaskFilter): Promise<Page<Task>>;
  /** With `isFresh` it is asked for, also where it was read before. */
  getCall(callId: string, options?: { readonly isFresh?: boolean }): Promise<CallReading>;
  /** The last calls to those of the numbers that were called since, 1,000 asked for at a time. An extension of our service: `unsupported` elsewhere. */
  recentCalls(query: RecentCallsQuery): Promise<readonly RecentCall[]>;
  listAgents(query: PageRequest & { readonly name?: string }): Promise<Page<VoiceAgent>>;
  /** With its declared variables. */
  getAgent(agentId: string): Promise<VoiceAgent>;
  listPhoneNumbers(query: PageRequest): Promise<Page<CallerId>>;
  /** Extensions of our service: `unsupported` elsewhere. */
  listDoNotCall(query: PageRequest): Promise<Page<DoNotCallReading>>;
  /** All of whom come the same way, sent 1,000 at a time. Returns how many were new. */
  addDoNotCall(entries: readonly NewDoNotCallEntry[]): Promise<number>;
  removeDoNotCall(numbers: readonly string[]): Promise<number>;
  /** Those of the numbers that are on the list. */
  findDoNotCall(numbers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The same with what is known of each; an older service tells the numbers alone. */
  readDoNotCall(numbers: readonly string[]): Promise<readonly DoNotCallReading[]>;
};
