import type { CallerIdShare } from "../../domain/batch/caller-ids.ts";
import type { Consent } from "../../domain/batch/consent.ts";
import type { Outlook } from "../../domain/batch/outlook.ts";
import type { LeftOut, Start } from "../../domain/batch/plan.ts";
import type { Example } from "../../domain/batch/preview-examples.ts";
import type { LocalTime } from "../../domain/batch/preview-places.ts";
import type { BatchHours } from "../../domain/time/calling-hours.ts";
import type { Actor, Answerer } from "../records/index.ts";

/** What a person is asked to agree to: one concrete list, with everything that they need to judge it. Numbers are masked. */
export type StartSummary = {
  readonly batchId: string;
  readonly name: string;
  readonly agentId: string;
  readonly agentName?: string;
  readonly fromNumber: string;
  /** All caller ids where there are several, and how many of these people are nearest to each. */
  readonly callerIds?: readonly CallerIdShare[];
  readonly recipients: number;
  /** Why these people are called, and by what right; absent where nobody said so. */
  readonly consent?: Consent;
  readonly start: Exclude<Start, { kind: "draft" }>;
  /** When the first phone can ring, where that is later than the start. */
  readonly firstRing?: LocalTime;
  /** From this instant on no phone rings: after the last minute of the outlook, where that is known. */
  readonly lastAt: Date;
  /** IANA zone in which the start is shown. */
  readonly timezone: string;
  /** Recipients by country of their number, most first. */
  readonly countries: readonly { readonly country: string; readonly recipients: number }[];
  /** When its calls are placed, as it was sent; absent where that is all day or not known. */
  readonly hours?: BatchHours;
  /** First and last time of day, on the recipients' own clocks, at which a phone may ring: `HH:MM`. */
  readonly localWindow?: { readonly first: string; readonly last: string };
  /** True where the API can pause and cancel a batch that runs; absent when nobody asked it. */
  readonly hasBrake?: boolean;
  /** What is sent, when it rings and what is expected of it; without rules that are known, only countries and zones. */
  readonly outlook?: Partial<Outlook>;
  /** Rows of the list that are not called. */
  readonly leftOut?: readonly LeftOut[];
  /** Which variables some of them lack, a line each; empty where none is. Absent where nobody knows. */
  readonly blanks?: readonly string[];
  /** Up to three recipients with what the agent is told of them; absent where that is not known. */
  readonly examples?: readonly Example[];
  /** What the agent says first, with the names of variables in braces; absent where the API does not tell. */
  readonly opening?: string;
  /** Up to three recipients, numbers masked. */
  readonly samples: readonly string[];
  /** What they agree to in other respects: retries, cost, what could not be verified. One sentence each. */
  readonly notes: readonly string[];
  /** How a batch that runs differs from what was agreed to before, a line each; absent where it does not. */
  readonly changes?: readonly string[];
  /** The linked batches that are started together; absent where it is one batch. */
  readonly parts?: readonly SummaryPart[];
  /** SHA-256, hex, of content, account, environment and time. Any change of these makes another fingerprint. */
  readonly fingerprint: string;
  /** In which state the batch was when it was asked about; absent where the API does not tell. */
  readonly stateVersion?: number;
};

/** One of several batches that are agreed to as one, each with a fingerprint of its own. */
export type SummaryPart = Pick<StartSummary, "batchId" | "recipients" | "fingerprint" | "stateVersion"> & {
  /** Of one that did not begin yet, where the others are resumed; absent where it goes as all of them do. */
  readonly start?: StartSummary["start"];
};

/** So many wrong counts end a question. */
export const mostWrongCounts = 5;

/** A question that waits for a person. It ends after 15 minutes. */
export type ApprovalRequest = {
  /** Random, unguessable; never shown to the caller. */
  readonly id: string;
  readonly summary: StartSummary;
  readonly expiresAt: Date;
  /** `voided`: ended before its time, because the batch was edited or too many wrong counts were typed. */
  readonly state: "waiting" | "approved" | "declined" | "used" | "voided" | "expired";
  /** Why it is `voided`: one sentence. */
  readonly voidedWhy?: string;
  /** How many wrong counts may still be typed; with the last of them the question is void. */
  readonly triesLeft: number;
};

/**
 * The effect of an answer. `wrong_count`: the number typed is not the number of recipients; the question stays open.
 * `voided`: this was one wrong count too many, or the batch was edited meanwhile. `used`: somebody answered before.
 * `expired`, `declined`: the question was over before, or is by this answer. `unknown`: there is no such question.
 */
export type AnswerResult = "approved" | "wrong_count" | "voided" | "expired" | "used" | "declined" | "unknown";

/**
 * The durable questions and answers, shared by all processes of a data directory. It records by itself what was asked,
 * answered and voided.
 */
export type ApprovalStore = {
  /**
   * Asks, or returns the question that is already open (waiting, or approved and not used) for this start of this batch
   * in this state; one that is open from before a pause or a stop ends.
   * A new question ends another one about the same batch that still waits. Throws `needs_approval`, and changes nothing,
   * while `mostOpen` questions about other batches wait; without it there is no limit.
   */
  ask(summary: StartSummary, by: Actor, now: Date, mostOpen?: number): ApprovalRequest;
  /** In whatever state it is; undefined when there never was one, or it is over for more than 30 days. */
  get(id: string, now: Date): ApprovalRequest | undefined;
  /** Questions about a batch that wait for an answer, newest first. */
  openFor(batchId: string, now: Date): readonly ApprovalRequest[];
  /** All questions that wait for an answer, newest first. */
  openAll(now: Date): readonly ApprovalRequest[];
  /**
   * Those that somebody agreed to in the last 30 days, of each batch the newest, newest answer first; all of them unless `most` is given. An
   * agreement that was taken back or not used in its time is not among them.
   */
  agreed(now: Date, most?: number): readonly ApprovalRequest[];
  /** `why` is for the record: what stands for an answer where nobody is asked. */
  approve(id: string, typedRecipients: number, by: Answerer, now: Date, why?: string): AnswerResult;
  decline(id: string, by: Answerer, now: Date): AnswerResult;
  /** Ends one question that still waits. What was answered stays as it is. */
  withdraw(id: string, why: string, by: Actor, now: Date): void;
  /** Ends every question and unused approval of a batch, because it was edited. */
  voidFor(batchId: string, why: string, by: Actor, now: Date): void;
  /**
   * Uses up an approval of exactly this fingerprint for this batch, once: undefined when there is none that is approved,
   * unused and not expired. `lastAt` is what the question told. It is a single statement, so that it can stand in a transaction of the caller's on the same
   * database (`inTransaction(database, ...)`), together with the row of the start. No other method can.
   */
  consume(batchId: string, fingerprint: string, now: Date): UsedApproval | undefined;
};

/** An approval that was used up for a start. */
export type UsedApproval = { readonly id: string; readonly by: Answerer } & Pick<StartSummary, "lastAt">;

/** Somebody whom a question is about, as people are shown them. */
export type AskedPerson = {
  /** Of the list that the batch was made of; absent where it has no such row. */
  readonly row?: number;
  /** What people know them by, from the list. Text from outside. */
  readonly label?: string;
  readonly maskedNumber: string;
};

/** Counted from 0. */
export type PeoplePage = { readonly page: number; readonly limit: number };

/**
 * A page of those whom a question is about, or of those of them whose row, name or number holds `search`; undefined where the
 * batch is not any more what was asked about.
 */
export type ListAskedPeople = (
  request: ApprovalRequest,
  page: PeoplePage & { readonly search?: string },
) => Promise<{ readonly people: readonly AskedPerson[]; readonly total: number } | undefined>;

/** Puts the question to a person where the client has forms. */
export type AskPerson = (summary: StartSummary) => Promise<FormAnswer>;
/** `unsupported`: this client or transport has no forms. */
export type FormAnswer =
  | { readonly kind: "accepted"; readonly typedRecipients: number }
  | { readonly kind: "declined" | "closed" | "unsupported" };
