import type { VoicemailRule } from "../voicemail.ts";
import type { Answer, AnswerSummary, AnswerWanted } from "./answers.ts";
import type { CallerIdShare } from "./caller-ids.ts";
import type { Consent } from "./consent.ts";
import type { Grant } from "./grant.ts";
import type { Outcome, OutcomeCounts } from "./outcome.ts";
import type { CallingRules } from "./plan.ts";
import type { RecentExclusion } from "./recent-exclusion.ts";
import type { SteeredBatch } from "./steering.ts";

export { type Outcome, type OutcomeCounts, outcomes } from "./outcome.ts";

export const batchStatuses = ["draft", "scheduled", "sent", "completed", "failed", "cancelled"] as const;
export type BatchStatus = (typeof batchStatuses)[number];

export const taskStatuses = ["pending", "calling", "completed", "failed", "unknown", "cancelled"] as const;
/** `completed` = answered; `failed` = all attempts used without an answer; `unknown` is final. */
export type TaskStatus = (typeof taskStatuses)[number];

/**
 * What the next attempt at a recipient waits for: a `pause` or a `hold` to be ended, the `start` of the batch, the recipient's
 * own time (`not_before`), the time of a `retry`, the end of the batch's `quiet_hours` or of those on the `recipient_clock`, the
 * operator's `calling_hours` or the hours of the `hours_preset` that the operator chose, the distance from an `other_call` to that
 * number, or a free `line`.
 */
export const waitKinds = [
  "pause",
  "hold",
  "start",
  "not_before",
  "retry",
  "quiet_hours",
  "recipient_clock",
  "calling_hours",
  "hours_preset",
  "other_call",
  "line",
] as const;
export type WaitKind = (typeof waitKinds)[number];

export type Environment = "simulated" | "live";

/** Recipients by status; the six parts always add up to `total`. `pending` includes those who wait for a retry. */
export type Counts = { readonly total: number } & { readonly [S in TaskStatus]: number };

/** Pending recipients by what they wait for. */
export type Waits = { readonly [K in WaitKind]?: number };

/** Recipients whom a call of another batch holds back, until between those instants. */
export type HeldByCalls = {
  readonly batchId: string;
  readonly recipients: number;
  readonly first: Date;
  readonly last: Date;
};

/** Rules as the API holds them; null where it says that there are none, absent where it says nothing. */
export type HeldRules = {
  readonly [Block in "retryConfig" | "retryRules" | "quietHours"]?: NonNullable<CallingRules[Block]> | null;
};

/** A batch as the API tells it. What the API did not say is absent. */
export type Batch = {
  readonly batchId: string;
  readonly name: string;
  readonly status: BatchStatus;
  readonly total: number;
  readonly isPaused: boolean;
  /** When it was paused or held last (our service only). */
  readonly pausedAt?: Date;
  /** Another after each pause, hold, stop, start and change of time; absent where the API does not tell. */
  readonly stateVersion?: number;
  readonly heldReason?: string;
  readonly agentId?: string;
  readonly fromNumber?: string;
  /** Caller ids besides that one (our service only). */
  readonly moreFromNumbers?: readonly string[];
  /** Those that the account did not have when they were tried last (our service only). */
  readonly goneFromNumbers?: readonly string[];
  /** All of them where there are several, with how many of its people are nearest to each (our service only, and not in a list of batches). */
  readonly callerIds?: readonly CallerIdShare[];
  readonly timezone?: string;
  readonly scheduledAt?: Date;
  /** Wall time before which nobody is called on their own clock (our service only). */
  readonly notBeforeLocal?: string;
  /** As it was given when the batch was made (our service only). */
  readonly consent?: Consent;
  readonly createdAt?: Date;
  readonly counts?: Counts;
  readonly outcomes?: OutcomeCounts;
  /** What recipients answered; absent where the API tells nothing of their calls. */
  readonly answers?: AnswerSummary;
  /** What its calls cost so far, by unit, as far as their carrier tells (our service only). */
  readonly costs?: readonly Cost[];
  /** What is to be found out in every call (our service only). */
  readonly answersWanted?: readonly AnswerWanted[];
  /** Recipients whose call is over and could not be read yet, so that their outcome is missing. */
  readonly unreadCalls?: number;
  /** Recipients who asked on the phone not to be called any more: our service acts on it by itself. */
  readonly optedOut?: number;
  /** Recipients who are not called because of the do-not-call list (our service only). */
  readonly doNotCall?: number;
  /** Recipients who are not called because another batch called, or reached, them lately (our service only). */
  readonly excluded?: number;
  /** Whom it leaves out right before each call (our service only). */
  readonly exclude?: RecentExclusion;
  /** The rules that the API says it holds, null for one that it has none of; those that it does not tell of are absent. */
  readonly heldRules?: HeldRules;
  /** What follows when a voicemail picks up (our service only). */
  readonly voicemail?: VoicemailRule;
  /** Its canary, the conditions of its end and its own pace, and what became of them (our service only). */
  readonly steered?: SteeredBatch;
  /** The campaign that it is a part of, which is steered as one (our service only). */
  readonly campaignId?: string;
  /** Attempts started in the last 60 s. */
  readonly callsPerMinute?: number;
  /** Calls with the provider that are not known to ring yet: no pause takes them back (our service only). */
  readonly mayStillRing?: number;
  readonly nextAttemptAt?: Date;
  /** Adds up to the pending ones (our service only, and not in a list of batches). */
  readonly waitsFor?: Waits;
  /** Where recipients wait for a line that the carrier has not: what it said, in words, and until when the first of them waits. */
  readonly lineWait?: { readonly reason: string; readonly until: Date };
  /** Who waits since another batch called them, by that batch, and when they may be called (our service only, and not in a list of batches). */
  readonly heldByCalls?: readonly HeldByCalls[];
  /** Numbers that stood in the list more than once and were kept once (our service only). */
  readonly duplicatesRemoved?: number;
  /** Names everything that decides who is called, what is said, how often and when (our service only). */
  readonly contentDigest?: string;
  /** The most attempts that any recipient gets (our service only). */
  readonly maxAttempts?: number;
  /** The last agreement to its calls (our service only). */
  readonly grant?: Pick<Grant, "grantId" | "state" | "channel" | "resumableUntil">;
  /** From this instant on nobody is called, by what a person agreed to (our service only). */
  readonly agreedUntil?: Date;
  /** The linked batches that a long list became, where this is all of them as one: see `mergeParts`. */
  readonly parts?: readonly GroupPart[];
};

/** One of the linked batches that a long list became. */
export type GroupPart = {
  /** Absent while it is not created. */
  readonly batchId?: string;
  /** `not_created`: its create was cut off or refused. `deleted`: it is gone from the API, which deletes drafts only. */
  readonly status: BatchStatus | "not_created" | "deleted";
  /** Paused, or held for another reason. */
  readonly isHeld: boolean;
};

/** One attempt at a recipient, as the API tells it with the recipient. */
export type Dial = {
  readonly toNumber: string;
  /** The caller id that it was called from. */
  readonly fromNumber?: string;
  /** Absent while it is under way. */
  readonly outcome?: Outcome;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly callId?: string;
  /** The message of the batch was spoken to a voicemail. */
  readonly messageLeft?: true;
  /** Whoever answered said that the number is not that of the person who was to be called. */
  readonly wrongNumber?: true;
  readonly cost?: number;
  readonly costUnit?: string;
};

/** What some calls cost together; in the provider's own unit where it names none. */
export type Cost = { readonly amount: number; readonly unit?: string; readonly calls: number };

/** One recipient of a batch and how far the call to them is. */
export type Task = {
  readonly taskId: string;
  /** 1 for the first recipient of the batch, in the order in which the list was sent. */
  readonly row?: number;
  readonly toNumber: string;
  readonly status: TaskStatus;
  readonly outcome?: Outcome;
  readonly attempts?: number;
  /** Why it ended as it did, or what it waits for. */
  readonly reason?: string;
  readonly nextAttemptAt?: Date;
  readonly callId?: string;
  /** Called when `toNumber` was not reached (our service only). */
  readonly fallbackNumber?: string;
  /** IANA zone of the recipient's clock, where the list gives one (our service only). */
  readonly timezone?: string;
  /** Not called before (our service only). */
  readonly notBefore?: Date;
  /** Attempts after the first, where the list gives a number of them (our service only). */
  readonly maxRetries?: number;
  /** Of a pending one (our service only). */
  readonly waitsFor?: WaitKind;
  /** How many of the attempts went to it: the last ones. */
  readonly fallbackAttempts?: number;
  /** All attempts so far, the first one first (our service only). */
  readonly dials?: readonly Dial[];
  /** What was found out in the last call. */
  readonly answers?: readonly Answer[];
  /** The last call is over, and could not be read yet: outcome and answers are missing. */
  readonly isCallUnread?: boolean;
};
