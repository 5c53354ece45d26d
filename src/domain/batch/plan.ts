import type { Exclude } from "../list/exclude.ts";
import type { E164, PhoneNumberType } from "../phone/phone-number.ts";
import type { VoicemailRule } from "../voicemail.ts";
import type { AnswerWanted } from "./answers.ts";
import type { Consent } from "./consent.ts";
import type { Outcome } from "./outcome.ts";
import type { RecentExclusion } from "./recent-exclusion.ts";
import type { Canary, StopWhen } from "./steering.ts";

/** Wall-clock time of day, `HH:MM`, 00:00 to 23:59. */
export type TimeOfDay = string;

/** When a batch is meant to begin. There is no default: nothing starts because something was left out. */
export type Start =
  | { readonly kind: "draft" }
  | { readonly kind: "now" }
  /** `local`: the wall time, `YYYY-MM-DDTHH:MM`, before which nobody is called on their own clock; `at` is the first instant of it on the list. */
  | { readonly kind: "at"; readonly at: Date; readonly local?: string };

/** Outcomes after which a retry rule can call again. */
export const retryConditions = ["no_answer", "busy", "voicemail", "failed"] as const satisfies readonly Outcome[];
export type RetryCondition = (typeof retryConditions)[number];

/** In place of a zone: the clocks of each recipient. */
export const recipientClock = "recipient";

export type RetryRule = {
  readonly condition: RetryCondition;
  readonly enabled: boolean;
  /**
   * `at`: the next such wall time in the batch's zone, or on the clocks of the recipient, strictly later. `after`: so many minutes
   * after the attempt ended.
   */
  readonly timing:
    | { readonly kind: "at"; readonly time: TimeOfDay; readonly zone?: typeof recipientClock }
    | { readonly kind: "after"; readonly minutes: number };
};

export type RetryConfig = {
  readonly enabled: boolean;
  /** Attempts in all, the first one included. */
  readonly maxAttempts: number;
};

/** In the order of `Date.getUTCDay`. */
export const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
export type Weekday = (typeof weekdays)[number];

/** A day on a calendar, `YYYY-MM-DD`. */
export type CalendarDate = string;

/** Whole days, from midnight to midnight, on which no call is placed. */
export type ClosedDays = {
  /** Without repetition, Sunday first. */
  readonly days?: readonly Weekday[];
  /** Without repetition, earliest first. */
  readonly notOn?: readonly CalendarDate[];
  /** Public holidays of each recipient's country, on the recipient's own calendar whatever clock the others go by; see `withHolidays`. */
  readonly holidays?: true;
};

/** No call is placed in `[start, end)`, which may cross midnight and is empty where the two are equal, nor on closed days. */
export type QuietHours = ClosedDays & {
  readonly enabled: boolean;
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  /** IANA zone, or `recipientClock`; the batch's zone when absent. */
  readonly zone?: string;
};

/** When, and when not, a recipient may be called, and called again. */
export type CallingRules = {
  readonly retryConfig?: RetryConfig;
  readonly retryRules?: readonly RetryRule[];
  readonly quietHours?: QuietHours;
  /** The retry rules alone decide when absent. */
  readonly voicemail?: VoicemailRule;
  /** Held right before each call, where the API does that. */
  readonly exclude?: RecentExclusion;
  /** Who is called before the others, and what is looked at then (our service only). */
  readonly canary?: Canary;
  /** When it ends before everybody was called (our service only). */
  readonly stopWhen?: StopWhen;
  /** Caller ids besides the first, in their order and without repetition: who is called from which, `callerIdsFor` says (our service only). */
  readonly moreFromNumbers?: readonly string[];
};

/** A person on the list who can be called. */
export type Recipient = {
  /** Where the person stands in the input; see `Issue.row`. */
  readonly row: number;
  readonly toNumber: E164;
  /** What the number tells; see `ParsedPhoneNumber`. */
  readonly country?: string;
  readonly type: PhoneNumberType;
  readonly variables: Readonly<Record<string, string>>;
  /** Attempts allowed after the first one. */
  readonly maxRetries?: number;
  /** Called when `toNumber` was not reached, where the API does that. */
  readonly fallbackNumber?: E164;
  /** IANA zone that the list gives for the person; what the number tells when absent. */
  readonly timezone?: string;
  /** The person is not called before, where the API holds that. */
  readonly notBefore?: Date;
  /** Another number of the row is not called: it is on the do-not-call list, or is the caller id. Never sent. */
  readonly hasWithheld?: boolean;
};

/**
 * A column that is called like one of zones and holds none, so that it is not used: how many rows have something in it, and the first
 * few of them. Their people are called by the clock of their number.
 */
export type UnreadZones = { readonly column: string; readonly rows: number; readonly firstRows: readonly number[] };

/** A batch that was checked whole: everything in it can be sent as it is. */
export type BatchPlan = {
  readonly name: string;
  readonly agentId: string;
  readonly fromNumber: E164;
  /** IANA zone, as the caller wrote it. */
  readonly timezone: string;
  /** Set where the batch is to go by its recipients' clocks. */
  readonly clock?: typeof recipientClock;
  readonly recipients: readonly Recipient[];
  /** People of the list who are on the do-not-call list, or whom it excludes: part of what was asked for, never sent. */
  readonly suppressed?: readonly Recipient[];
  /** Whom the list was told to leave out: the same people with another exclusion are other content. */
  readonly exclude?: Exclude;
  /** Variables that the agent will find empty; no part of what is sent. */
  readonly blankVariables?: readonly BlankVariable[];
  /** Rows of the list that are not called; no part of what is sent. */
  readonly leftOut?: readonly LeftOut[];
  /** Cells that would be their zones and cannot be read; no part of what is sent. */
  readonly unreadZones?: UnreadZones;
  readonly rules: CallingRules;
  /** What is to be found out in every call, where the API can be told. */
  readonly answersWanted?: readonly AnswerWanted[];
  readonly start: Start;
  /** The campaign that it is a part of, where the API steers all of them as one. */
  readonly campaignId?: string;
  /** As far as it was given. An API without a place for it is not sent it. */
  readonly consent?: Consent;
};

/** Rows of a list that are not called for one reason: the code of their issue, such as `duplicate`. */
export type LeftOut = { readonly code: string; readonly rows: number };

/** A variable that some recipients have no value for. */
export type BlankVariable = {
  readonly name: string;
  /** How many recipients. */
  readonly rows: number;
  /** The first few of them; see `Issue.row`. */
  readonly firstRows: readonly number[];
  /** A column that was most likely meant. */
  readonly similar?: string;
};

/** How many rows of a list had which fate. `input = accepted + duplicate + suppressed + refused`. */
export type RowCounts = {
  readonly input: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly suppressed: number;
  readonly refused: number;
};
