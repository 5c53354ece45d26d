import type { BatchStatus, Counts, Outcome, OutcomeCounts, TaskStatus } from "../../domain/batch/batch.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import type { CallResult } from "../carriers/index.ts";

/** A batch as it is kept. Counts are never kept: they are counted from its tasks. */
export type StoredBatch = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly fromNumber: string;
  readonly agentId: string;
  /** IANA zone as given. */
  readonly timezone: string;
  readonly status: BatchStatus;
  readonly isPaused: boolean;
  readonly pausedAt?: Date;
  readonly heldReason?: string;
  readonly scheduledAt?: Date;
  readonly startedAt?: Date;
  readonly lastDialAt?: Date;
  readonly rules: CallingRules;
  readonly duplicatesRemoved: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type NewTask = {
  /** 1-based place in the list as it was sent. */
  readonly row: number;
  readonly toNumber: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly maxRetries?: number;
};

export type StoredTask = NewTask & {
  readonly id: string;
  readonly batchId: string;
  readonly status: TaskStatus;
  /** Of the last attempt. */
  readonly outcome?: Outcome;
  readonly reason?: string;
  readonly attemptCount: number;
  /** Earliest instant of the next attempt; quiet hours can hold it longer. */
  readonly dueAt?: Date;
  /** Of the last attempt. */
  readonly callId?: string;
  readonly createdAt: Date;
};

/**
 * `claimed`: intended, the row is committed, nothing was sent. `starting`: passed the last check, being handed to the
 * carrier. `placed`: the carrier took it. `ended`: has an outcome.
 */
export type AttemptState = "claimed" | "starting" | "placed" | "ended";

export type StoredAttempt = {
  /** `<task id>:<attempt number>`: unique for good, the carrier's key. */
  readonly token: string;
  readonly taskId: string;
  readonly batchId: string;
  readonly organizationId: string;
  readonly attemptNumber: number;
  readonly callId: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly agentId: string;
  readonly state: AttemptState;
  readonly claimedAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly outcome?: Outcome;
  readonly ringMs?: number;
  readonly talkMs?: number;
  readonly transcript?: string;
  readonly summary?: string;
};

/** A page of rows and how many there are in all. `page` is 0-based; without `limit` all rows come. */
export type PageQuery = { readonly page: number; readonly limit?: number };
export type Page<T> = { readonly rows: readonly T[]; readonly totalCount: number };

export type BatchFilter = {
  readonly status?: readonly BatchStatus[];
  readonly agentId?: readonly string[] /** Part of the name, letter case ignored. */;
  readonly name?: readonly string[];
};
export type BatchSort = {
  readonly by: "created_at" | "updated_at" | "scheduled_timestamp" | "name" | "status" | "total_task_count";
  readonly order: "ascending" | "descending";
};
export type TaskFilter = { readonly status?: TaskStatus; readonly outcome?: Outcome };

export type CallFilter = { readonly batchId?: string; readonly agentIds?: readonly string[] };

/** What can be told of a batch beyond its own row. */
export type BatchFacts = {
  readonly counts: Counts;
  readonly outcomes: OutcomeCounts;
  /** Recipients who were dialed at least once. */
  readonly sent: number;
  /** Attempts that the carrier started since `now - 60 s`, whenever they were claimed. */
  readonly callsPerMinute: number;
  /** Earliest `dueAt` of a pending task; the epoch when one is due from the beginning. */
  readonly nextDueAt?: Date;
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
  readonly startedAt?: Date;
  readonly rules?: CallingRules;
  readonly duplicatesRemoved?: number;
};

/** An edit happens only while the batch is in one of these states, tested in the same statement. */
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

export type DoNotCallEntry = { readonly phoneNumber: string; readonly reason?: string; readonly addedAt: Date };

/** What the REST routes need. Everything is of one organization: a foreign id is as absent as an unknown one. */
export type BatchStore = {
  /**
   * Inserts a batch with its tasks in one transaction. Tasks whose number is on the do-not-call list are kept as
   * `cancelled` with reason `do_not_call`. Keys are remembered for 30 days.
   */
  createBatch(batch: StoredBatch, tasks: readonly NewTask[], idempotency?: Idempotency): Promise<CreateResult>;
  /** What `createBatch` would answer for a key that is remembered at `now`; undefined for a new one. */
  findReplay(organizationId: string, idempotency: Idempotency, now: Date): Promise<Replay | undefined>;
  getBatch(organizationId: string, id: string): Promise<StoredBatch | undefined>;
  listBatches(
    organizationId: string,
    filter: BatchFilter,
    sort: BatchSort,
    page: PageQuery,
  ): Promise<Page<StoredBatch>>;
  /** By batch id, for the batches asked for. */
  facts(batchIds: readonly string[], now: Date): Promise<ReadonlyMap<string, BatchFacts>>;
  /** Applies the change when `expected` holds; with `tasks`, replaces the whole list. Returns undefined otherwise. */
  changeBatch(
    organizationId: string,
    id: string,
    expected: Precondition,
    change: BatchChange,
    now: Date,
    tasks?: readonly NewTask[],
  ): Promise<StoredBatch | undefined>;
  /** Sets status `cancelled` and every pending task to `cancelled` (reason `batch_cancelled`); calls in progress end by themselves. */
  cancelBatch(organizationId: string, id: string, expected: Precondition, now: Date): Promise<StoredBatch | undefined>;
  /**
   * Puts tasks in status `unknown` back to pending, for a person who accepts that some may be called again, and lets a
   * batch that ended run again; returns how many. Does nothing to a batch that is not sent, completed or failed.
   */
  redialUnknown(organizationId: string, batchId: string, now: Date): Promise<number>;
  /** True when it was there, in one of these states, and is gone with its tasks and calls. */
  deleteBatch(organizationId: string, id: string, expected: Precondition): Promise<boolean>;
  listTasks(organizationId: string, batchId: string, filter: TaskFilter, page: PageQuery): Promise<Page<StoredTask>>;
  listAttempts(organizationId: string, taskIds: readonly string[]): Promise<readonly StoredAttempt[]>;
  getAttemptByCallId(organizationId: string, callId: string): Promise<StoredAttempt | undefined>;
  listCalls(organizationId: string, filter: CallFilter, page: PageQuery): Promise<Page<StoredAttempt>>;
  /** Returns how many were new. */
  addDoNotCall(
    organizationId: string,
    numbers: readonly string[],
    reason: string | undefined,
    now: Date,
  ): Promise<number>;
  /** Returns how many were there. */
  removeDoNotCall(organizationId: string, numbers: readonly string[]): Promise<number>;
  listDoNotCall(organizationId: string, page: PageQuery): Promise<Page<DoNotCallEntry>>;
  /** Those of the numbers that are on the list. */
  findDoNotCall(organizationId: string, numbers: readonly string[]): Promise<ReadonlySet<string>>;
};

/** A recipient whose turn it is: the attempt row is committed in state `claimed`, the task is `calling`. */
export type Claim = {
  readonly attempt: StoredAttempt;
  readonly task: StoredTask;
  readonly batch: StoredBatch;
  /** Changes whenever the attempt passes into other hands; what is done with an older one has no effect. */
  readonly fence: number;
};

export type ClaimRequest = {
  readonly now: Date;
  /** Whether the batch may dial at `now` (quiet hours). */
  readonly isOpen: (batch: StoredBatch) => boolean;
  /** Open attempts of one organization at the most. */
  readonly maxConcurrent: number;
  /** Open attempts of one batch at the most; no limit of its own when absent. */
  readonly maxConcurrentPerBatch?: number;
  /** Attempts claimed for one caller id within any second at the most. */
  readonly startsPerSecond: number;
  /** Claims in one go at the most. */
  readonly limit: number;
};

export type ClaimResult = {
  readonly claims: readonly Claim[];
  /** When pace alone held back a due task: the instant at which its caller id may start again. */
  readonly paceOpensAt?: Date;
};

/** `now` and the function that tells when a batch may dial (quiet hours): `at` itself, or the next opening after it. */
export type DueQuery = { readonly now: Date; readonly opensAt: (batch: StoredBatch, at: Date) => Date };

/** Why `markDialing` does not let an attempt be dialed. */
export type NotBegun = "batch_not_running" | "do_not_call" | "taken_over";

/**
 * Why an attempt is taken back. `not_placed`: handing it over failed and the carrier says that it never took it.
 * `stopping`: this process goes down. `stopped`: the operator stopped everything.
 */
export type Withdrawal = NotBegun | "outside_hours" | "not_placed" | "stopping" | "stopped";

/** What the dialer needs. Each method is one transaction. */
export type DialStore = {
  /** Batches in status `scheduled` or `sent`, of every organization. */
  runningBatches(): Promise<readonly StoredBatch[]>;
  /** `scheduled` -> `sent` for an unpaused batch whose time has come; returns false when it changed meanwhile. */
  startScheduled(batchId: string, now: Date): Promise<boolean>;
  /** Pauses a batch that missed its start, with the reason shown to the user; not one that was given a later start meanwhile. */
  hold(batchId: string, reason: string, now: Date): Promise<void>;
  /** Claims due tasks of unpaused `sent` batches, dealt among them as `deal` says. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * `claimed` -> `starting`, in one statement that also tests that the batch is `sent` and not paused and that the
   * number is not on the do-not-call list. Only an attempt for which this answered undefined may be dialed.
   */
  markDialing(claim: Claim, now: Date): Promise<NotBegun | undefined>;
  /**
   * Takes back an attempt that the carrier does not have: the row goes, the task is pending again (not due before
   * `notBefore`) or, for `do_not_call` and in a cancelled batch, cancelled. The next claim uses the same token.
   */
  release(claim: Claim, why: Withdrawal, now: Date, notBefore?: Date): Promise<void>;
  /** `starting` -> `placed`. */
  markPlaced(claim: Claim, startedAt: Date): Promise<void>;
  /**
   * Commits the outcome of an attempt and what follows for the task, and completes the batch when nothing is left.
   * A second outcome for the same attempt changes nothing and returns false.
   */
  complete(claim: Claim, result: CallResult | "unknown", next: RetryDecision, now: Date): Promise<boolean>;
  /**
   * Attempts without an outcome that no living process holds, oldest first: what a crash may have left. They are the
   * caller's from here on. `held` are the tokens that the caller knows to be its own.
   */
  openAttempts(held: ReadonlySet<string>, now: Date): Promise<readonly Claim[]>;
  /** The attempt of that token in whatever state; undefined when there is none. */
  getClaim(token: string): Promise<Claim | undefined>;
  /**
   * Earliest instant after `now` at which something falls due: a scheduled start, or a pending task of an unpaused
   * `sent` batch at an hour when that batch may dial. What is due already and may dial is not in it: a free place, not
   * time, brings its turn.
   */
  nextDueAt(query: DueQuery): Promise<Date | undefined>;
  /** Present where several processes dial on one store. */
  readonly leases?: Leases;
};

/**
 * How processes that dial on one store tell which of them live. Every claim is made under the lease of its process; when
 * the lease has ended, others take the claim over (`openAttempts`).
 */
export type Leases = {
  readonly durationMs: number;
  /** The lease of this process now lasts until `now + durationMs`. */
  renew(now: Date): Promise<void>;
  /** Ends the lease of this process: others need not wait for what it leaves behind. */
  release(): Promise<void>;
  /** Whether some process has let an attempt of this batch through its last check and not yet handed it over. */
  isStarting(batchId: string): Promise<boolean>;
};

/** What a task does after an attempt. */
export type RetryDecision =
  | { readonly kind: "final"; readonly status: "completed" | "failed" | "unknown"; readonly reason?: string }
  | { readonly kind: "retry"; readonly dueAt: Date; readonly reason: string };

/** The whole store. Two implementations are held to one contract test suite. */
export type Store = BatchStore & DialStore & { close(): Promise<void> };
