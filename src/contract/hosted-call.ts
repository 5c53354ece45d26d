import type { Answer } from "../domain/batch/answers.ts";
import type { Outcome } from "../domain/batch/batch.ts";
import { namesOptOut } from "../domain/said.ts";
import { plainText } from "../domain/text.ts";
import { fromAnswerPlaces } from "./call-answers.ts";
import { isObject } from "./envelope.ts";
import { maybeInstant, present, storableText, durationMs as wholeMs } from "./fields.ts";
import type { CallDetails } from "./records.ts";

/** What a call of the hosted API tells by the fields that its pages document. What they do not tell is absent. */
export type HostedCall = {
  /** True once the line is down: `ended`, `error`, or a status of a call that never began. */
  readonly isOver: boolean;
  readonly outcome?: Outcome;
  /** `disconnection_reason` in lower case, such as `dial_no_answer`. */
  readonly reason?: string;
  readonly summary?: string;
  readonly sentiment?: string;
  readonly isSuccessful?: boolean;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly durationMs?: number;
  /** In `costUnit`; in the unit of the API, which names none, where that is absent. */
  readonly cost?: number;
  readonly costUnit?: string;
  readonly recordingUrl?: string;
  /** A line for each turn. */
  readonly transcript?: string;
  /** Of somebody who answered, or may have: what is extracted from a voicemail is nobody's answer. */
  readonly answers?: readonly Answer[];
  /** True when `call_analysis` is there, which comes some time after the end. */
  readonly isAnalyzed: boolean;
};

/**
 * Reads the call object of `GET /api/calls/{callId}`, without its envelope. Never throws: a field of the wrong type reads as
 * absent. The outcome is that of the fields alone; a status of `ended` says that a call is over and not how. The pages show one
 * `disconnection_reason` (`USER_HANGUP`); the others are those of the vendor whose call object theirs nearly is.
 */
export function readHostedCall(call: unknown): HostedCall {
  const fields = isObject(call) ? call : {};
  const analysis = isObject(fields["call_analysis"]) ? fields["call_analysis"] : {};
  const cost = isObject(fields["call_cost"]) ? fields["call_cost"] : {};
  const turns = readTurns(fields["transcript_object"]);
  const transcript = textOf(fields["transcript"]) ?? textOf(turns.map(toLine).join("\n"));
  const told: Told = {
    status: wordOf(fields["call_status"]),
    reason: wordOf(fields["disconnection_reason"]),
    inVoicemail: flagOf(analysis["in_voicemail"]),
    isSuccessful: flagOf(analysis["call_successful"]),
    durationMs: wholeMs.safeParse(fields["call_duration"]).data,
    hasUserTurn: turns.some(({ role }) => role === "user") || /^\s*user\s*:\s*\S/im.test(transcript ?? ""),
  };
  const outcome = outcomeOf(told);
  const mayHaveAnswered = outcome === undefined || outcome === "answered";
  const answers = mayHaveAnswered ? readAnswers(fields, analysis) : [];
  return {
    isOver: isOver(told),
    isAnalyzed: Object.values(analysis).some((value) => value !== null && value !== undefined),
    ...present({
      outcome,
      reason: told.reason,
      summary: textOf(analysis["call_summary"]),
      sentiment: lineOf(analysis["user_sentiment"]),
      isSuccessful: told.isSuccessful,
      startedAt: maybeInstant.parse(fields["start_timestamp"]),
      endedAt: maybeInstant.parse(fields["end_timestamp"]),
      durationMs: told.durationMs,
      cost: costOf(cost["combined_cost"]),
      costUnit: lineOf(cost["unit"]),
      recordingUrl: urlOf(fields["recording_url"]),
      transcript,
      answers: answers.length > 0 ? answers : undefined,
    }),
  };
}

/** What a carrier passes on of a call besides its outcome; undefined where that is nothing. */
export function detailsOf(call: Omit<HostedCall, "isOver" | "isAnalyzed">): CallDetails | undefined {
  const { recordingUrl, cost, costUnit, sentiment, isSuccessful, reason: disconnectionReason } = call;
  const details = present({ recordingUrl, cost, costUnit, sentiment, isSuccessful, disconnectionReason });
  return Object.keys(details).length > 0 ? details : undefined;
}

/** As a bridge tells it; what cannot be used is dropped. */
export function readDetails(told: Readonly<Record<string, unknown>>): CallDetails {
  const cost = costOf(told["cost"]);
  return present({
    recordingUrl: urlOf(told["recording_url"]),
    cost,
    costUnit: cost === undefined ? undefined : lineOf(told["cost_unit"]),
    sentiment: lineOf(told["sentiment"]),
    isSuccessful: flagOf(told["successful"]),
    disconnectionReason: wordOf(told["disconnection_reason"]),
  });
}

type Told = {
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly inVoicemail: boolean | undefined;
  readonly isSuccessful: boolean | undefined;
  readonly durationMs: number | undefined;
  /** The person on the other end said something. */
  readonly hasUserTurn: boolean;
};

function isOver({ status }: Told): boolean {
  return status === "ended" || status === "error" || status === "not_connected";
}

const ofReason: Readonly<Record<string, Outcome>> = {
  user_hangup: "answered",
  agent_hangup: "answered",
  call_transfer: "answered",
  transfer_bridged: "answered",
  transfer_cancelled: "answered",
  inactivity: "answered",
  max_duration_reached: "answered",
  call_take_over: "answered",
  ivr_reached: "answered",
  dial_no_answer: "no_answer",
  no_answer: "no_answer",
  dial_busy: "busy",
  busy: "busy",
  user_declined: "busy",
  voicemail_reached: "voicemail",
  voicemail: "voicemail",
  dial_failed: "failed",
  invalid_destination: "failed",
  telephony_provider_permission_denied: "failed",
  telephony_provider_unavailable: "failed",
  sip_routing_error: "failed",
  marked_as_spam: "failed",
  registered_call_timeout: "failed",
  no_valid_payment: "failed",
  error_user_not_joined: "failed",
  concurrency_limit_reached: "failed",
  no_concurrency_fallback: "failed",
};

function outcomeOf(told: Told): Outcome | undefined {
  if (!isOver(told)) return undefined;
  if (told.inVoicemail) return "voicemail";
  const { status, reason = "", durationMs = 0, hasUserTurn } = told;
  // Own properties only: a reason named "constructor" is no outcome.
  const known = Object.hasOwn(ofReason, reason) ? ofReason[reason] : undefined;
  if (known) return known;
  if (hasUserTurn && durationMs > 0) return "answered";
  if (status === "error" || reason.startsWith("error")) return "failed";
  // The call lasted and was judged: by a word that it met no voicemail, or that it came to what it was made for.
  const isJudged = told.inVoicemail === false || told.isSuccessful === true;
  return reason === "" && durationMs > 0 && isJudged ? "answered" : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Ours, else what the account's agent extracts: no page shows custom analysis, and vendors put it in these places. */
function readAnswers(fields: Fields, analysis: Fields): readonly Answer[] {
  const places = [
    fields["answers"],
    analysis["custom_analysis_data"],
    analysis["custom_analysis"],
    analysis["structured_data"],
    analysis["data_collection_results"],
  ];
  const besides = Object.entries(analysis).filter(([name]) => namesOptOut(name));
  return fromAnswerPlaces([...places, Object.fromEntries(besides)]);
}

type Turn = { readonly role: string; readonly content: string };

const mostTurns = 5000;

function readTurns(value: unknown): readonly Turn[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostTurns).flatMap((turn): readonly Turn[] => {
    if (!isObject(turn) || typeof turn["content"] !== "string" || turn["content"].trim() === "") return [];
    return [{ role: wordOf(turn["role"]) ?? "", content: turn["content"] }];
  });
}

function toLine({ role, content }: Turn): string {
  const speaker = role === "agent" || role === "user" ? `${role[0]?.toUpperCase()}${role.slice(1)}: ` : "";
  return `${speaker}${content}`;
}

function textOf(value: unknown): string | undefined {
  const text = storableText.safeParse(value).data;
  return text === undefined || text.trim() === "" ? undefined : text;
}

const longestLine = 100;

function lineOf(value: unknown): string | undefined {
  return typeof value === "string" ? plainText(value, longestLine) || undefined : undefined;
}

/** In any letter case, with spaces and hyphens as the pages' underscores. */
function wordOf(value: unknown): string | undefined {
  return lineOf(value)
    ?.toLowerCase()
    .replace(/[\s-]+/g, "_");
}

function flagOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function costOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A web address, and nothing that would run in a browser. */
function urlOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > 4000 || !URL.canParse(value)) return undefined;
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined;
}
