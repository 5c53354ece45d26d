import type { CountedRows, PageQuery } from "../../contract/paging.ts";
import type { RecentCallsQuery } from "../../contract/recent-calls.ts";
import type {
  BatchFilter,
  BatchProgress,
  BatchSort,
  CallFilter,
  DoNotCallEntry,
  NewDoNotCallEntry,
  RecentCall,
  TaskFilter,
} from "../../contract/records.ts";
import type { AnswerWanted } from "../../domain/batch/answers.ts";
import type { BatchStatus, Cost, HeldByCalls } from "../../domain/batch/batch.ts";
import type { GoneCallerIds } from "../../domain/batch/caller-ids.ts";
import type { Consent } from "../../domain/batch/consent.ts";
import type { Grant, GrantTerms } from "../../domain/batch/grant.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import type { Pace, Steering } from "../../domain/batch/steering.ts";
import type { NewTask, StoredAttempt, StoredBatch, StoredTask, UnstoredBatch } from "./records.ts";

/** What can be told of a batch beyond its own row. */
export type BatchFacts = BatchProgress & {
  /** Earliest `dueAt` of a pending task; the epoch when one is due from the beginning. */
  readonly nextDueAt?: Date;
  /** The last agreement to its calls, in whatever state. */
  readonly grant?: Grant;
};

/** What came of numbers for the do-not-call list: how many were new, and of which batches recipients were dropped, once for each. */
export type Listed = { readonly added: number; readonly batchIds: readonly string[] };

/** Pending tasks that wait alike: all of them have this in common. */
export type WaitingGroup = Pick<
  StoredTask,
  "toNumber" | "timezone" | "notBefore" | "dueAt" | "attemptCount" | "reason"
> & {
  /** `toNumber` is their second number. */
  readonly isSecond?: boolean;
  readonly recipients: number;
};

/** Fields that an edit may set; `undefined` as a value clears an optional field. */
export type BatchChange = {
  readonly name?: string;
  readonly fromNumber?: string;
  readonly agentId?: string;
  readonly timezone?: string;
  readonly status?: BatchStatus;
  readonly isPaused?: boolean;
  readonly pausedAt?: Date | undefined;
  readonly heldReason?: string | undefined;
  readonly scheduledAt?: Date | undefined;
  readonly notBeforeLocal?: string | undefined;
  readonly consent?: Consent | undefined;
  readonly startedAt?: Date;
  readonly rules?: CallingRules;
  readonly answersWanted?: readonly AnswerWanted[] | undefined;
  readonly steering?: Steering | undefined;
  readonly campaignId?: string;
  readonly goneCallerIds?: GoneCallerIds | undefined;
  readonly duplicatesRemoved?: number;
  readonly grant?: GrantChange;
};

/** What somebody agrees to is fixed in view of these, under the lock of the batch. */
export type GrantedBatch = {
  readonly batch: StoredBatch;
  /** Recipients who are still to be called. */
  readonly waiting: number;
  /** The latest of the times before which some of them are not called. */
  readonly lastNotBefore?: Date;
  /** Whether all calls of the organization are stopped. */
  readonly isStopped: boolean;
  /** Whether the batch was started before with the answer to this question. */
  readonly isUsed: boolean;
};

/** What happens to the agreement to the calls of a batch. `why` is for people. */
export type GrantChange =
  /** A new one takes the place of the last. When `terms` throws, nothing changes. */
  | { readonly kind: "open"; readonly terms: (granted: GrantedBatch) => GrantTerms; readonly approvalId?: string }
  /** Without `resumableUntil` only a new one lets the batch go on. */
  | { readonly kind: "suspend"; readonly resumableUntil?: Date; readonly why: string }
  | { readonly kind: "reopen" }
  /** The same agreement for those who are left of what it was to, `from`; its state and its dates stay. */
  | { readonly kind: "narrow"; readonly from: string; readonly why: string }
  | { readonly kind: "end"; readonly why: string };

/** How a list that exists is changed. */
export type ListChange = {
  /** New people, whose rows follow the last one of the list. */
  readonly added: readonly NewTask[];
  /**
   * People of the list who are to hear something else, to be called another number of times or on another fallback number, or to
   * be called after all. Of those who are being called only the fallback number changes.
   */
  readonly changed: readonly StoredTask[];
  /** People who wait and are not called any more. */
  readonly removed: readonly StoredTask[];
  /** People whose call is under way, or has an end that nobody knows: its outcome is kept, and they are not called again. */
  readonly leaving: readonly StoredTask[];
};

/** An edit happens only while the batch is in one of these states, tested in the same transaction. */
export type Precondition = { readonly status: readonly BatchStatus[]; readonly isPaused?: boolean };

export type Idempotency = { readonly key: string /** SHA-256 of the request body, hex. */; readonly bodyHash: string };
export type CreateResult =
  | { readonly kind: "created"; readonly batch: StoredBatch }
  /** The key was used before for the same body. */
  | { readonly kind: "replayed"; readonly batch: StoredBatch }
  /** The key was used before for another body; nothing was created. */
  | { readonly kind: "key_reused" }
  /** The key was used before for the same body, and what it made was deleted; nothing was created. */
  | { readonly kind: "deleted" };
/** What a key that was used before answers. */
export type Replay = Exclude<CreateResult, { readonly kind: "created" }>;

/** What the REST routes need. Everything is of one organization: a foreign id is as absent as an unknown one. */
export type BatchStore = {
  /**
   * Inserts a batch with its tasks in one transaction. One of a campaign has the pace of the others, and what became of their canary. Tasks whose number is on the do-not-call list are kept as
   * `cancelled` with reason `do_not_call`. Keys are remembered for 30 days. With `grant`, somebody agrees to its calls.
   */
  createBatch(
    batch: UnstoredBatch,
    tasks: readonly NewTask[],
    idempotency?: Idempotency,
    grant?: GrantChange,
  ): Promise<CreateResult>;
  /** What `createBatch` would answer for a key that is remembered at `now`; undefined for a new one. */
  findReplay(organizationId: string, idempotency: Idempotency, now: Date): Promise<Replay | undefined>;
  getBatch(organizationId: string, id: string): Promise<StoredBatch | undefined>;
  listBatches(
    organizationId: string,
    filter: BatchFilter,
    sort: BatchSort,
    page: PageQuery,
  ): Promise<CountedRows<StoredBatch>>;
  /** What the calls of a batch cost, as far as that is known: a row for each unit. */
  sumCosts(batchId: string): Promise<readonly Cost[]>;
  /** How many recipients of a batch gave each value of an answer. */
  countAnswers(
    batchId: string,
  ): Promise<readonly { readonly name: string; readonly value: string; readonly recipients: number }[]>;
  /** By batch id, for the batches asked for. */
  facts(batchIds: readonly string[], now: Date): Promise<ReadonlyMap<string, BatchFacts>>;
  /**
   * The pending tasks of a batch by what decides when each is due. `byClock`: also by the number that is dialed next and its zone;
   * else these are left blank, and `attemptCount` is 1 for one and more.
   */
  waiting(batchId: string, byClock: boolean): Promise<readonly WaitingGroup[]>;
  /**
   * Changes a batch when `expected` holds; with `tasks`, replaces the whole list. Returns undefined otherwise. `change` is
   * given the batch and its agreement as they are under the lock, so that of two edits at once neither is lost; when it
   * throws, nothing changes.
   */
  changeBatch(
    organizationId: string,
    id: string,
    expected: Precondition,
    change: (current: StoredBatch, grant: Grant | undefined) => BatchChange,
    now: Date,
    tasks?: readonly NewTask[],
  ): Promise<StoredBatch | undefined>;
  /** The pace of a batch and of all of its campaign from here on, where they have not ended. */
  setPace(organizationId: string, id: string, pace: Pace, now: Date): Promise<void>;
  /**
   * Changes the list of a batch when `expected` holds; undefined otherwise. `plan` is given the batch and its list as they are
   * under the lock; when it changes nobody, nothing is changed at all. In a draft those who are removed are deleted; later they
   * are kept as `cancelled` with reason `removed`.
   */
  changeList<T extends ListChange>(
    organizationId: string,
    id: string,
    expected: Precondition,
    edit: {
      readonly plan: (current: StoredBatch, list: readonly StoredTask[]) => T;
      readonly change: (current: StoredBatch, grant: Grant | undefined, list: T) => BatchChange;
    },
    now: Date,
  ): Promise<{ readonly batch: StoredBatch; readonly list: T } | undefined>;
  /** Sets status `cancelled` and every pending task to `cancelled` (reason `batch_cancelled`); calls in progress end by themselves. */
  cancelBatch(organizationId: string, id: string, expected: Precondition, now: Date): Promise<StoredBatch | undefined>;
  /**
   * Puts tasks in status `unknown` back to pending, for a person who accepts that some may be called again, and changes
   * the batch, which is `sent` from here on. Returns undefined, with nothing changed, when there is no such task, or the batch
   * is not sent, completed or failed.
   */
  redialUnknown(
    organizationId: string,
    batchId: string,
    change: (current: StoredBatch) => BatchChange,
    now: Date,
  ): Promise<StoredBatch | undefined>;
  /**
   * Stops all calls of an organization, or lets them be started again: none goes on by itself. `*` stands for everybody.
   * Returns the batches that are held by it; a release first holds those that an interrupted stop had not come to.
   */
  setKillSwitch(organizationId: string, isOn: boolean, why: string, now: Date): Promise<readonly string[]>;
  /** True when it was there, in one of these states, and is gone with its tasks and calls. */
  deleteBatch(organizationId: string, id: string, expected: Precondition): Promise<boolean>;
  listTasks(
    organizationId: string,
    batchId: string,
    filter: TaskFilter,
    page: PageQuery,
  ): Promise<CountedRows<StoredTask>>;
  listAttempts(organizationId: string, taskIds: readonly string[]): Promise<readonly StoredAttempt[]>;
  getAttemptByCallId(organizationId: string, callId: string): Promise<StoredAttempt | undefined>;
  listCalls(organizationId: string, filter: CallFilter, page: PageQuery): Promise<CountedRows<StoredAttempt>>;
  /** Of those numbers that were called from `since` on, or are being called, the last calls. Numbers are in today's form, here and in the answer. */
  recentCalls(organizationId: string, query: RecentCallsQuery): Promise<readonly RecentCall[]>;
  /**
   * Recipients of a batch, by the batch that reached their number last, whom this holds back after `from` for so many hours. Numbers in
   * `exceptNumbers` rest from nobody. Whoever was looked at already is due when they are held no more.
   */
  heldByCalls(batch: StoredBatch, query: HeldByCallsQuery): Promise<readonly HeldByCalls[]>;
  /** Batches that are about to dial one of these numbers. */
  batchesThatDial(organizationId: string, numbers: readonly string[]): Promise<readonly string[]>;
  /**
   * Puts numbers on the list, and drops who waits under one of them, for good: whoever takes the number off again brings nobody back.
   * What was said of a number first stays; nothing said takes what is said later.
   */
  addDoNotCall(organizationId: string, entries: readonly NewDoNotCallEntry[], now: Date): Promise<Listed>;
  /** Returns how many were there. */
  removeDoNotCall(organizationId: string, numbers: readonly string[]): Promise<number>;
  listDoNotCall(organizationId: string, page: PageQuery): Promise<CountedRows<DoNotCallEntry>>;
  /** Those of the numbers that are on the list. */
  findDoNotCall(organizationId: string, numbers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The same with what is known of each, by number. */
  readDoNotCall(organizationId: string, numbers: readonly string[]): Promise<readonly DoNotCallEntry[]>;
};

export type HeldByCallsQuery = {
  readonly from: Date;
  readonly hours: number;
  readonly exceptNumbers: readonly string[];
  /** Those alone who were looked at already, so that the due time tells until when they wait. */
  readonly isLookedAt: boolean;
};
