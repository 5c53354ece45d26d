import { z } from "zod";
import { type Answer, cleanAnswers } from "../domain/batch/answers.ts";
import { outcomes } from "../domain/batch/batch.ts";
import { maskNumber } from "../domain/phone/mask.ts";
import { isYes, readSaid, unclearOptOuts } from "../domain/said.ts";
import { plainText } from "../domain/text.ts";
import { fromAnswersBody, toAnswersWantedBody } from "./call-answers.ts";
import { durationMs, givenText, maybeText, present } from "./fields.ts";
import { readDetails } from "./hosted-call.ts";
import type { CallResult, DialRequest } from "./records.ts";
import type { Route } from "./routes.ts";

// What the service and a bridge to somebody's telephony say to each other; docs/carriers.md is the page for whoever
// builds a bridge.

/** In the lower case in which Node hands header names out. */
export const bridgeHeaders = {
  /** Unix time in seconds. */
  timestamp: "x-batch-call-timestamp",
  /** `v1=` and the hex HMAC-SHA256 of `<timestamp>.<content>`. */
  signature: "x-batch-call-signature",
} as const;

/** Where a bridge reports how a call ended. The service has it only while its carrier is a bridge. */
export const outcomesRoute: Route<"/carrier/outcomes"> = {
  method: "POST",
  pattern: "/carrier/outcomes",
  isExtension: true,
};

/** The body that asks a bridge to place a call. */
export function toDialBody(dial: DialRequest, callbackUrl: string | undefined) {
  return {
    token: dial.token,
    call_id: dial.callId,
    from_number: dial.fromNumber,
    to_number: dial.toNumber,
    agent_id: dial.agentId,
    variables: dial.variables,
    ...present({
      callback_url: callbackUrl,
      answers_wanted: dial.answersWanted && toAnswersWantedBody(dial.answersWanted),
      voicemail_message: dial.voicemailMessage,
    }),
  };
}

const instant = z.iso.datetime({ offset: true, error: "Must be a time such as 2026-02-20T13:00:00Z." });

// An outcome is kept whatever else its report holds: texts and durations that are of no use are dropped. The document
// cannot tell the type of what falls back to nothing.
const maybeWords = maybeText.meta({ type: ["string", "null"] });
const maybeDuration = durationMs
  .nullish()
  .catch(undefined)
  .meta({ type: ["number", "null"] });

/** Any value: see `readSaid`. */
const maybeSaid = (what: string) =>
  z
    .unknown()
    .optional()
    .meta({ type: ["boolean", "null"], description: what });

const end = z.object({
  outcome: z.enum(outcomes),
  started_at: instant.describe("When the phone began to ring."),
  ended_at: instant,
  ring_ms: maybeDuration,
  talk_ms: maybeDuration.describe("0 when nobody answered."),
  transcript: maybeWords,
  summary: maybeWords,
  opt_out: maybeSaid(
    "The person asked not to be called any more: their numbers go on the do-not-call list. So do they where it is told in words that are not a plain no.",
  ),
  wrong_number: maybeSaid("Whoever answered is not the person who was to be called: that number is not called again."),
  call_back_at: maybeWords.describe(
    "When the person asked to be called again: ISO 8601 with an offset, or without one on their own clock.",
  ),
  answers: z
    .unknown()
    .optional()
    .describe(
      'What was found out: a list of {"name", "value", "quote"?} or an object by name. Read leniently, and only of calls that were answered.',
    ),
  message_left: maybeSaid(
    "The voicemail_message of the dial was spoken to a voicemail: nobody is left a message twice, so they are not called again.",
  ),
  recording_url: maybeWords.describe("A web address."),
  cost: z
    .number()
    .nullish()
    .catch(undefined)
    .meta({ type: ["number", "null"] }),
  cost_unit: maybeWords.describe("Such as USD or cents."),
  sentiment: maybeWords,
  successful: maybeSaid("Whether the call came to what it was made for, by your analysis."),
  disconnection_reason: maybeWords,
  reason: maybeWords.describe("Why the call failed, in a few words that are shown to people."),
});

/** Body of a bridge's report. */
export const outcomeBody = end.extend({ token: givenText().min(1) });

/** What a bridge's look-up by token answers. */
export const lookUpBody = z.discriminatedUnion("state", [
  z.object({ state: z.literal("not_placed") }),
  z.object({ state: z.literal("ongoing") }),
  end.extend({ state: z.literal("ended") }),
  z.object({ state: z.literal("cannot_tell") }),
]);

/** Body of an answer that turns a dial down for good. */
export const refusalBody = z.object({ state: z.literal("refused"), reason: maybeWords });

/**
 * Body of an answer that takes a dial not now: no phone rings for that request, and none will. Another dial of the token may
 * follow.
 */
export const notNowBody = z.object({
  state: z.literal("not_now"),
  reason: maybeWords,
  retry_after_seconds: z.number().min(0).nullish().catch(undefined),
});

/** Nothing that a bridge tells lies in the future: its clock may run ahead of ours. */
export function fromEndBody(body: z.output<typeof end>, now: Date): CallResult {
  const endedAt = earlier(new Date(body.ended_at), now);
  const { opt_out, wrong_number, call_back_at, message_left } = body;
  const told = body.outcome === "answered" ? fromAnswersBody(body.answers) : [];
  const answers = cleanAnswers([...told, ...unclearOptOut(opt_out)]);
  const isLeft = body.outcome === "voicemail" && isYes(message_left);
  const details = { ...readDetails(body), ...(isLeft && ({ messageLeft: true } as const)) };
  return {
    outcome: body.outcome,
    startedAt: earlier(new Date(body.started_at), endedAt),
    endedAt,
    ringMs: body.ring_ms ?? 0,
    talkMs: body.talk_ms ?? 0,
    ...present({ transcript: body.transcript, summary: body.summary, reason: toReason(body.reason) }),
    ...present({ said: readSaid({ opt_out, wrong_number, call_back_at }) }),
    ...(answers.length > 0 && { answers }),
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/** What can mean either is kept as an answer, so that a person sees it. */
function unclearOptOut(told: unknown): readonly Answer[] {
  return unclearOptOuts([{ name: "opt_out", value: typeof told === "string" ? told : (JSON.stringify(told) ?? "no") }]);
}

/** The words of a bridge as one short line in which no phone number can be read. */
export function toReason(text: string | null | undefined): string | undefined {
  return plainText(text ?? "", 200).replace(/\+?\d{7,}/g, maskNumber) || undefined;
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
