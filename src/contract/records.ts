import type { Answer, AnswerSummary, AnswerWanted } from "../domain/batch/answers.ts";
import type { BatchStatus, Cost, Counts, Outcome, OutcomeCounts, TaskStatus } from "../domain/batch/batch.ts";
import type { GoneCallerIds } from "../domain/batch/caller-ids.ts";
import type { Consent } from "../domain/batch/consent.ts";
import type { Steering } from "../domain/batch/steering.ts";
import type { Said } from "../domain/said.ts";

export type { DoNotCallEntry, DoNotCallFacts, NewDoNotCallEntry } from "../domain/do-not-call/entry.ts";

// What the service keeps and shows, and what it and a carrier say to each other. Store, carriers and client have no
// other shapes of these things: what only one of them needs, it adds.

export type BatchRecord = {
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
  /** Another after each pause, hold, stop, start and change of time, so that a start tells which state it was planned for. */
  readonly stateVersion: number;
  readonly heldReason?: string;
  readonly scheduledAt?: Date;
  /** Wall time before which nobody is called on their own clock. */
  readonly notBeforeLocal?: string;
  readonly consent?: Consent;
  readonly lastDialAt?: Date;
  readonly duplicatesRemoved: number;
  /** Names everything that decides who is called, what is said, how often and when: what an agreement is to. */
  readonly contentDigest: string;
  /** The most attempts that any recipient gets by the rules. */
  readonly maxAttempts: number;
  /** What is to be found out in every call. */
  readonly answersWanted?: readonly AnswerWanted[];
  readonly steering?: Steering;
  /** Batches of an organization with the same one are one campaign: they are steered together. */
  readonly campaignId?: string;
  readonly goneCallerIds?: GoneCallerIds;
  readonly createdAt: Date;
};

/** What is counted from a batch's tasks and attempts. */
export type BatchProgress = {
  readonly counts: Counts;
  readonly outcomes: OutcomeCounts;
  /** Recipients who asked on the phone not to be called any more, and those who are not called for the do-not-call list. */
  readonly optedOut: number;
  readonly doNotCall: number;
  /** Recipients who are not called because another batch called, or reached, them lately. */
  readonly excluded: number;
  /** Recipients who were dialed at least once. */
  readonly sent: number;
  /** Recipients who were cancelled before they were. */
  readonly neverCalled: number;
  /** Attempts that the carrier started within the last 60 s, whenever they were claimed. */
  readonly callsPerMinute: number;
  /** Calls with a provider that are not known to ring yet; absent where it has none of the batch, and where nobody can tell. */
  readonly mayStillRing?: number;
  /** How many recipients gave each answer; only where one batch is shown. */
  readonly answers?: AnswerSummary;
  /** What its calls cost so far, by unit; only where one batch is shown. */
  readonly costs?: readonly Cost[];
};

/** One recipient of a batch. */
export type TaskRecord = {
  readonly id: string;
  /** 1-based place in the list as it was sent. */
  readonly row: number;
  readonly toNumber: string;
  /** Called when `toNumber` was not reached. */
  readonly fallbackNumber?: string;
  /** IANA zone of the recipient's clock, where the list gives one. */
  readonly timezone?: string;
  /** Not called before. */
  readonly notBefore?: Date;
  /** Attempts after the first, where the list gives a number of them. */
  readonly maxRetries?: number;
  readonly status: TaskStatus;
  /** Of the last attempt. */
  readonly outcome?: Outcome;
  readonly reason?: string;
  readonly attemptCount: number;
  /** Of the last attempt. */
  readonly callId?: string;
  readonly createdAt: Date;
};

/** One attempt at one recipient; the API calls it a call. */
export type CallRecord = {
  readonly callId: string;
  readonly batchId: string;
  readonly organizationId: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly agentId: string;
  readonly claimedAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly outcome?: Outcome;
  readonly talkMs?: number;
  readonly transcript?: string;
  readonly summary?: string;
  /** What was found out, of somebody who answered. */
  readonly answers?: readonly Answer[];
  readonly details?: CallDetails;
};

/** What else is known of a call, as far as its carrier tells. */
export type CallDetails = {
  /** The message of the batch was spoken to a voicemail. */
  readonly messageLeft?: true;
  /** Whoever answered said that the number is not that of the person who was to be called. */
  readonly wrongNumber?: true;
  readonly recordingUrl?: string;
  /** In `costUnit`; in the provider's own unit where it names none. */
  readonly cost?: number;
  /** Such as `USD` or `cents`. */
  readonly costUnit?: string;
  readonly sentiment?: string;
  /** By the provider's analysis. */
  readonly isSuccessful?: boolean;
  /** In lower case, such as `user_hangup`. */
  readonly disconnectionReason?: string;
};

/** What a task shows of its attempts. `attemptNumber` is 1 for the first. */
export type AttemptRecord = Pick<
  CallRecord,
  "callId" | "fromNumber" | "toNumber" | "outcome" | "startedAt" | "endedAt" | "answers" | "details"
> & {
  readonly attemptNumber: number;
};

export type BatchFilter = {
  readonly status?: readonly BatchStatus[];
  readonly agentId?: readonly string[];
  /** Parts of the name, letter case ignored. */
  readonly name?: readonly string[];
};
export type BatchSort = {
  readonly by: "created_at" | "updated_at" | "scheduled_timestamp" | "name" | "status" | "total_task_count";
  readonly order: "ascending" | "descending";
};
export type TaskFilter = { readonly status?: TaskStatus; readonly outcome?: Outcome };
export type CallFilter = { readonly batchId?: string; readonly agentIds?: readonly string[] };

/**
 * The last calls to a number, as far back as was asked for. `reached`: the last one that got through to somebody, or may have; `reachedAndOver`:
 * the last of those that are over, by which other batches wait.
 */
export type RecentCall = {
  readonly toNumber: string;
  readonly calledAt: Date;
  readonly batchId: string;
  readonly reached?: NumberReached;
  readonly reachedAndOver?: NumberReached;
};

type NumberReached = { readonly at: Date; readonly batchId: string };

/** One attempt, as it is handed to whoever places it. `token` names it for good: the same token never rings twice. */
export type DialRequest = {
  readonly token: string;
  readonly callId: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly agentId: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly answersWanted?: readonly AnswerWanted[];
  /** To be spoken where a voicemail picks up; filled in for this recipient. */
  readonly voicemailMessage?: string;
};

/** How an attempt ended, as the carrier tells it. Durations are whole ms. */
export type CallResult = {
  readonly outcome: Outcome;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly ringMs: number;
  /** 0 when nobody answered. */
  readonly talkMs: number;
  readonly transcript?: string;
  readonly summary?: string;
  /** What the person said that is acted upon. */
  readonly said?: Said;
  /** Of somebody who answered: what is extracted from a voicemail is nobody's answer. */
  readonly answers?: readonly Answer[];
  readonly details?: CallDetails;
  /** Why the carrier could not place it, in its own words; shown to people. */
  readonly reason?: string;
};
