import type { CallResult } from "../../contract/records.ts";
import type { GrantStanding } from "../../domain/batch/grant.ts";
import type { SteeringStep } from "../../domain/batch/steering.ts";
import type { RetryDecision } from "../../domain/retry-rules.ts";
import type { Listed } from "./batch-store.ts";
import type { SharedRoom } from "./carrier-room.ts";
import type { StoredAttempt, StoredBatch, StoredTask } from "./records.ts";

/** A recipient whose turn it is: the attempt row is committed in state `claimed`, the task is `calling`. */
export type Claim = {
  readonly attempt: StoredAttempt;
  readonly task: StoredTask;
  readonly batch: StoredBatch;
  /** Changes whenever the attempt passes into other hands; what is done with an older one has no effect. */
  readonly fence: number;
};

/** What the quiet hours of a whole batch depend on. */
export type BatchHours = Pick<StoredBatch, "rules" | "timezone">;

/** Whether a batch may dial at an instant by its quiet hours, and by the agreement to its calls where its end is given. */
export type IsOpen = (batch: BatchHours & Pick<StoredBatch, "agreedUntil">, at: Date) => boolean;

export type ClaimRequest = {
  readonly now: Date;
  readonly isOpen: IsOpen;
  /** From when on the operator lets that number be called: `at`, a later instant, or never. Always when absent. */
  readonly mayDialAt?: (toNumber: string, at: Date, timezone?: string) => Date | "never";
  /** The most open attempts of one organization. */
  readonly maxConcurrent: number;
  /** The most open attempts of one batch; no limit of its own when absent. */
  readonly maxConcurrentPerBatch?: number;
  /** How many more of one batch the carrier takes at this moment; any number when absent. */
  readonly roomOf?: (batchId: string) => number;
  /** The most attempts claimed for one caller id within any second, and dialed. */
  readonly startsPerSecond: number;
  /** Between a call in which one batch reached somebody and another batch's call to that number; see `reachingOutcomes`. None when absent or 0. */
  readonly minHoursBetweenBatches?: number;
  /** Numbers for which these hours do not hold. */
  readonly testNumbers?: readonly string[];
  /** The most tasks in one go, claimed or held back. */
  readonly limit: number;
};

export type ClaimResult = {
  readonly claims: readonly Claim[];
  /** When pace alone held back a due task: the instant at which its caller id may start again. */
  readonly paceOpensAt?: Date;
  /** Whether the limit ended the claim: more may be due at this moment. */
  readonly isCut: boolean;
};

/** `now` and the function that tells when a batch may dial (quiet hours): `at` itself, or the next opening after it; never earlier for a later `at`. */
export type DueQuery = {
  readonly now: Date;
  readonly opensAt: (batch: BatchHours, at: Date) => Date;
};

/**
 * Why `markDialing` does not let an attempt be dialed. `excluded`: by the rules of the batch, since another one called its recipient lately. `number_of_another`: another recipient of the batch is called under that
 * number, or was. `check_expired`: the batch is another one than was claimed, or the last check is too long ago to be acted upon. `pace`: as many dials of its caller id as a second may have began within the last one.
 */
export type DialRefusal =
  | "pace"
  | "check_expired"
  | "batch_not_running"
  | "do_not_call"
  | "excluded"
  | "number_of_another"
  | "taken_over"
  | "newer_schema";

/**
 * Why an attempt is taken back. `not_placed`: handing it over failed and the carrier says that it never took it.
 * `not_now`: the carrier had no room for it. `stopping`: this process goes down. `stopped`: the operator stopped everything. `not_callable`: no time will
 * ever come at which this number may be called. `newer_schema`: a newer copy of the program dials on this store.
 */
export type ReleaseReason =
  | DialRefusal
  | "not_callable"
  | "outside_hours"
  | "not_placed"
  | "not_now"
  | "stopping"
  | "stopped";

/** A scheduled or running batch, and whether somebody agreed to its calls. */
export type RunningBatch = StoredBatch & { readonly grant?: GrantStanding };

/** What a pass has to see to beside calls, of the batches that are scheduled or run. */
export type DueSteps = {
  /** The time of a scheduled one has come, or nobody agrees to the calls of a running one (any more); oldest first. */
  readonly toStartOrHold: readonly RunningBatch[];
  /** Those that run and have a canary that is open, or conditions of their end; oldest first. */
  readonly steered: readonly RunningBatch[];
  /** When the time of the first of them comes at which it ends. */
  readonly nextStopAt?: Date;
  /** Those that were scheduled or ran when this was asked before, and do no more. */
  readonly left: readonly RunningBatch[];
};

/** What the dialer needs. Each method is one transaction. */
export type DialStore = {
  /**
   * The clock of a store on which several processes dial. There, claims, last checks and leases are dated by it, whatever
   * `now` they are given. Absent where the caller's own clock is the only one.
   */
  now?(): Promise<Date>;
  /** Batches in status `scheduled` or `sent`, of every organization, oldest first. */
  runningBatches(): Promise<readonly RunningBatch[]>;
  /** Those that a pass at `now` has to start, hold, steer or tell of. One caller is taken for the next pass after the one before. */
  dueSteps(now: Date): Promise<DueSteps>;
  /** Those that run, may dial at `now`, and in which somebody is due. */
  batchesDue(now: Date, isOpen: IsOpen): Promise<readonly RunningBatch[]>;
  /** `scheduled` -> `sent` for an unpaused batch whose time has come; returns false when it changed meanwhile. */
  startScheduled(batchId: string, now: Date): Promise<boolean>;
  /**
   * Holds a batch and ends the agreement to its calls, when it is scheduled or running, or paused with an agreement that rests,
   * and `whyOf` gives a reason in view of both as they are under the lock. Returns the reason, which is shown to people.
   */
  hold(
    batch: Pick<StoredBatch, "organizationId" | "id">,
    whyOf: (batch: StoredBatch, grant: GrantStanding | undefined) => string | undefined,
    now: Date,
  ): Promise<string | undefined>;
  /**
   * Leaves the caller id of an attempt out of its batch, which runs or is to: its account turned out not to have it. What was claimed before all
   * of them began to be tried again leaves none out. A batch that has no other is held, for the reason; `held` then.
   */
  leaveOutCallerId(claim: Claim, whyHeld: string, now: Date): Promise<"left_out" | "held">;
  /** The account has the caller id of an attempt after all. */
  callerIdIsBack(claim: Claim, now: Date): Promise<void>;
  /**
   * Judges the canary of a running batch and the conditions of its end by what is counted under its lock, and does what follows:
   * lets it go on, holds it, or ends it, which cancels who waits with the reason. Of a campaign all batches are locked, counted and
   * steered together. Returns what was done; undefined for nothing.
   */
  steer(batch: Pick<StoredBatch, "organizationId" | "id">, now: Date): Promise<SteeringStep | undefined>;
  /**
   * The last sign by `now` that something dialed here: a claim, an end, a start or another process's lease; undefined before the
   * first. What was written before the clock was set back, and lies ahead, says nothing of the time since.
   */
  lastActivityAt(now: Date): Promise<Date | undefined>;
  /** When the first of those who wait in a batch was, or is, due: the epoch when that is from the beginning. */
  firstDueAt(batchId: string): Promise<Date | undefined>;
  /** Ends every running batch in which nobody is left to call: the end of one can be lost in a crash. Returns their ids. */
  completeFinished(now: Date): Promise<readonly string[]>;
  /**
   * Claims due tasks of unpaused `sent` batches to whose calls somebody agreed, shared out among them by `allocateSlots`. A task that other calls to its
   * number hold back (`heldBackUntil`), its recipient's own clock (`mayRingFrom`) or the operator (`mayDialAt`), is not claimed, and is
   * due when they no longer do. One that may never be dialed is claimed, for the last check to end it. Of a batch with a canary that is
   * open, or conditions of its end, no more is claimed than `allowanceOf` lets through, by what is counted in the same transaction.
   * Of a batch with several caller ids each attempt gets the nearest one that has room (`callerIdsFor`).
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * `claimed` -> `starting`, in one statement that also tests that the batch is `sent` and not paused, that the agreement under
   * which it was claimed still is the one that the batch has, and stands, that neither the number nor the first number of the
   * recipient is on the do-not-call list, that no other batch called the recipient so lately that the rules exclude them, that no other recipient of the batch is called under it, and that fewer than
   * `startsPerSecond` dials of its caller id began within the second before: claims keep that pace, but what lies between a
   * claim and its dial can take long. Only an attempt for which this returned undefined may be dialed.
   */
  markDialing(claim: Claim, now: Date, startsPerSecond: number): Promise<DialRefusal | undefined>;
  /**
   * Whether an attempt in state `starting` would still pass its last check, pace aside: for a carrier that lets time pass before
   * it hands it over.
   */
  mayStillDial(claim: Claim, now: Date): Promise<boolean>;
  /** Tokens of the attempts of a batch that passed their last check and have no outcome, whichever process holds them. */
  handedOver(batchId: string): Promise<readonly string[]>;
  /**
   * Takes back an attempt that the carrier does not have: the row goes, the task is pending again (not due before
   * `notBefore`; where that is because no line is free, with what for in words, `waitsForLine`) or, for a reason that never passes (`isForGood`) and in a cancelled batch, cancelled. The next claim uses the
   * same token.
   */
  release(claim: Claim, why: ReleaseReason, now: Date, notBefore?: Date, waitsForLine?: string): Promise<void>;
  /** `starting` -> `placed`. */
  markPlaced(claim: Claim, startedAt: Date): Promise<void>;
  /**
   * Commits the outcome of an attempt and what follows for the task, and completes the batch when nothing is left. What
   * follows is decided by the rules as they are then: they can have changed while the attempt was under way. The change to the
   * fallback number is part of it.
   * A second outcome for the same attempt changes nothing and returns false; but the first one that is known replaces that it was unknown, and
   * becomes that of the task where this is its last attempt and nobody agreed to another since. The batch stays as it ended.
   */
  complete(claim: Claim, result: CallResult | "unknown", next: NextStep, now: Date): Promise<boolean>;
  /**
   * The person of a call asked not to be called any more: puts these numbers on the do-not-call list, with the call as their source, and
   * cancels whoever waits under one of them, in every batch of the organization that has not ended. Once for each call, before or after
   * its outcome; undefined the second time, and for no call. A batch in which nobody is left is ended by `completeFinished`.
   */
  optOut(request: OptOutRequest, now: Date): Promise<Listed | undefined>;
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
  /** Since when the calls of an organization are stopped; undefined when they are not. */
  stoppedSince(organizationId: string): Promise<Date | undefined>;
  /** Present where several processes dial on one store. */
  readonly leases?: Leases;
  /**
   * Calls back soon after something changed that every process goes by (a stop, a carrier without room), whoever changed it, and whenever that may have been
   * missed. Returns how to end it. Present where several processes dial on one store.
   */
  watch?(onChange: () => void): () => Promise<void>;
  /** Present where several processes dial on one store. */
  readonly room?: SharedRoom;
};

/** What both stores do by the same statements (shared/batches.ts). */
export type SharedDialing = Pick<
  DialStore,
  "lastActivityAt" | "firstDueAt" | "hold" | "leaveOutCallerId" | "callerIdIsBack" | "steer" | "stoppedSince"
>;

/**
 * What follows for a recipient after an attempt, or how that follows from the rules of the batch as they are and from whether
 * there is a fallback number that was not called yet and may be. `isLate`: the attempt had ended as unknown.
 */
export type NextStep = RetryDecision | ((batch: BatchRules, hasFallback: boolean, isLate: boolean) => RetryDecision);
export type BatchRules = Pick<StoredBatch, "rules" | "timezone"> & {
  /** The instant from which on nobody agreed to its calls. */
  readonly agreedUntil?: Date;
};

export type OptOutRequest = {
  readonly token: string;
  readonly numbers: readonly string[];
  readonly askedAt: Date;
  /** Their words, where a person has to judge whether they asked. */
  readonly unclear?: string;
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
