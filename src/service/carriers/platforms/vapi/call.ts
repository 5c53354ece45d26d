import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { fromAnswerPlaces } from "../../../../contract/call-answers.ts";
import { isObject } from "../../../../contract/envelope.ts";
import { maybeInstant, maybeText, present } from "../../../../contract/fields.ts";
import type { Answer } from "../../../../domain/batch/answers.ts";
import type { Outcome } from "../../../../domain/batch/batch.ts";
import { partOf } from "../answers.ts";
import type { PlatformCall } from "../platform.ts";

/** Vapi has 627 words for an end, and more every month: they are known by how they begin, and what is none of these by whether somebody spoke. */
const endings: readonly (readonly [RegExp, Outcome])[] = [
  [/^voicemail$/, "voicemail"],
  [/^(customer-busy|vonage-rejected)$/, "busy"],
  [/^customer-did-not-answer$|outbound-sip-(408|480)\b/, "no_answer"],
  [/^(assistant-(ended-call|said-end-call-phrase|forwarded-call)|customer-ended-call)/, "answered"],
  [/^(silence-timed-out|exceeded-max-duration|vonage-completed)$/, "answered"],
  [/^call\.(forwarding\.|in-progress\.(twilio|sip)-completed-call)/, "answered"],
];

const call = z.object({
  status: maybeText,
  endedReason: maybeText,
  startedAt: maybeInstant,
  endedAt: maybeInstant,
  artifact: z.unknown().optional(),
  analysis: z.unknown().optional(),
});
type Call = z.output<typeof call>;

/** Whether Vapi says that it does not have that call any more. */
export function isGone(body: unknown): boolean {
  return isObject(body) && body["status"] === "not-found";
}

/**
 * Reads Vapi's call object. Never throws: a field of the wrong type reads as absent, and what ended in a way that is not known was
 * answered where somebody spoke, and failed otherwise, with Vapi's word for it.
 */
export function readCall(body: unknown): PlatformCall {
  const { data } = call.safeParse(body);
  if (data?.status !== "ended") return { state: "alive" };
  const { endedReason: reason = "", startedAt, endedAt } = data;
  // It did not get as far as dialing.
  if (reason?.startsWith("call.start.") && reason.includes("concurrency")) return { state: "no_room", why: reason };
  const outcome = outcomeOf(data);
  const analysis = isObject(data.analysis) ? data.analysis : {};
  return {
    state: "ended",
    outcome,
    isAnalyzed: outcome !== "answered" || Object.values(analysis).some((part) => part !== null && part !== undefined),
    ...present({
      startedAt,
      endedAt,
      talkMs: startedAt && endedAt ? Math.max(endedAt.getTime() - startedAt.getTime(), 0) : undefined,
      transcript: transcriptOf(data),
      summary: textOf(analysis["summary"]),
      answers: answersOf(data, analysis),
      reason: outcome === "failed" ? toReason(reason || "it ended without a reason") : undefined,
    }),
  };
}

function outcomeOf(data: Call): Outcome {
  const reason = data.endedReason ?? "";
  const [, known] = endings.find(([pattern]) => pattern.test(reason)) ?? [];
  if (known) return known;
  const wasStopped = reason === "manually-canceled" && data.startedAt !== undefined;
  return wasStopped || hasUserTurn(data) ? "answered" : "failed";
}

function hasUserTurn(data: Call): boolean {
  const messages = partOf(data, "artifact")["messages"];
  const spoke = Array.isArray(messages) && messages.some((one) => isObject(one) && one["role"] === "user");
  return spoke || /^\s*user\s*:\s*\S/im.test(transcriptOf(data) ?? "");
}

function transcriptOf(data: Call): string | undefined {
  return textOf(partOf(data, "artifact")["transcript"]);
}

/** What the assistant's own analysis found out, by the older plan and by the newer one. */
function answersOf(data: Call, analysis: Readonly<Record<string, unknown>>): readonly Answer[] {
  const outputs = Object.values(partOf(partOf(data, "artifact"), "structuredOutputs")).flatMap((output) =>
    isObject(output) && typeof output["name"] === "string" ? [[output["name"], output["result"]] as const] : [],
  );
  const older = analysis["structuredData"];
  return fromAnswerPlaces([{ ...partOf(analysis, "structuredData"), ...Object.fromEntries(outputs) }, older]);
}

function textOf(value: unknown): string | undefined {
  return maybeText.parse(value) || undefined;
}
