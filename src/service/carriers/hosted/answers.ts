import { toReason } from "../../../contract/bridge.ts";
import { Problem, type ProblemCode } from "../../../domain/problem.ts";
import { counted } from "../../../domain/text.ts";
import type { DialAnswer } from "../carrier.ts";

/** Said by the API, or by the network, in a way that leaves no doubt: what was asked for was not done. */
export function isRefusal(error: unknown): error is Problem {
  return error instanceof Problem && refusals.includes(error.code);
}

const refusals: readonly ProblemCode[] = ["unauthorized", "invalid_input", "not_found", "wrong_state", "unsupported"];

/** The API has too much to do, or the request never left: nothing was done, and the same may be asked again. */
export function isPassing(error: unknown): error is Problem {
  return error instanceof Problem && (error.code === "rate_limited" || error.code === "unavailable");
}

/** What cannot be understood of an answer that came; undefined for whatever else went wrong. */
export function misreadIn(error: unknown): Problem | undefined {
  const of = [error, error instanceof Problem ? error.cause : undefined];
  return of.find((each): each is Problem => each instanceof Problem && each.code === "bad_response");
}

export function notNow(error: unknown): DialAnswer {
  const seconds = error instanceof Problem ? error.retryAfterSeconds : undefined;
  return { kind: "not_now", why: wordsOf(error), ...(seconds !== undefined && { retryAfterMs: seconds * 1000 }) };
}

/** Holds the batch of a wave: whoever reads it is told what is wrong, that nobody was called by it, and what to do. */
export function hold(what: string, advice: string): DialAnswer {
  return { kind: "hold", reason: `${what} Nobody of that wave was called. ${advice} Then resume the batch.` };
}

const drafts =
  "Nothing more is sent to it. Ask the vendor, and start the service again when drafts are drafts. Then resume the batch.";

/** Holds the batch of a wave that the API set going by itself: what it is told to make, it may call. `shown`: what it tells of it. */
export function startedByItself(shown: string, people: number): DialAnswer {
  const whom = `The ${counted(people, "person", "people")} of it may be called, to be followed, and unknown where it does not tell how that ended.`;
  const reason = `The hosted API started a wave by itself that was sent as a draft (${shown}). ${whom} ${drafts}`;
  return { kind: "hold", reason, mayRing: true };
}

/** Holds whatever would be sent after such a wave. */
export const holdAfterStart = {
  kind: "hold",
  reason: `The hosted API started an earlier wave by itself that was sent as a draft. Who waits is not called. ${drafts}`,
} as const satisfies DialAnswer;

/** `takesKeys`: it answered another request with the same keys. */
export function holdFor(error: unknown, call: CalledWith, { takesKeys = false } = {}): DialAnswer {
  return hold(`The hosted API does not take calls of this batch: ${wordsOf(error)}`, adviceFor(error, call, takesKeys));
}

type CalledWith = { readonly agentId: string; readonly fromNumber: string };

/** Holds the batch of a wave of which the API says in words that cannot be understood whether it was made. */
export function holdUntold(error: unknown, people: number): DialAnswer {
  const whom = `Whether a draft of ${counted(people, "person", "people")} was made is looked up: they are called again only when it is known that it was not started, and are unknown after ten minutes without that.`;
  const reason = `The hosted API does not take calls of this batch: ${wordsOf(error)} ${whom} ${urlAdvice} Then resume the batch.`;
  return { kind: "hold", reason, mayRing: true };
}

const keyAdvice = "Correct BATCH_CALL_CARRIER_KEY and BATCH_CALL_CARRIER_SECRET, and start the service again.";

/** What a person reads whose batch is held because look-ups are refused: what was handed over is followed when the key is right. */
export function holdForKey(error: unknown): string {
  return `The hosted API does not say how calls stand: ${wordsOf(error)} Those who wait were not called, and calls handed over before are followed when it does. ${keyAdvice} Then resume the batch.`;
}

/** The same where the account does not have the caller id any more; the dialer says what helps, unless the batch has others. */
export function holdForCallerId(error: unknown): DialAnswer {
  const reason = `The hosted API does not take calls of this batch: ${wordsOf(error)} Nobody of that wave was called.`;
  return { kind: "hold", reason, hasNoCallerId: true };
}

function adviceFor(error: unknown, { agentId, fromNumber }: CalledWith, takesKeys: boolean): string {
  const code = error instanceof Problem ? error.code : "internal";
  const look = `Look whether its account has the agent ${agentId} and the caller id ${fromNumber}`;
  if (code === "unauthorized") return takesKeys ? `${look} and may call with them. Otherwise: ${keyAdvice}` : keyAdvice;
  return code === "invalid_input" || code === "not_found" || code === "wrong_state" ? `${look}.` : urlAdvice;
}

const urlAdvice = "Check that BATCH_CALL_CARRIER_URL is the API's address, and whether the API is as its pages say.";

/** One short line without the number of a recipient. */
export function wordsOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return toReason(said) ?? "it gave no reason.";
}
