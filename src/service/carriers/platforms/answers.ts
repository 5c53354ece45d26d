import { isObject } from "../../../contract/envelope.ts";
import type { CreateAnswer, PlatformAnswer } from "./platform.ts";

/** Statuses with which a request is refused before a call exists, where the body is the platform's own. */
const refusals: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 422]);

export function isSuccess({ status }: PlatformAnswer): boolean {
  return status >= 200 && status < 300;
}

/**
 * What an answer without success to the request that makes a call means. `reason` is what the platform says in its own form, undefined where
 * something in between may have answered: that proves nothing. `adviceFor` says what a person has to do, undefined where the
 * refusal is about this call alone.
 */
export function readFailure(
  answer: PlatformAnswer,
  reason: string | undefined,
  adviceFor: (status: number, reason: string) => string | undefined,
): CreateAnswer {
  const { status, retryAfterSeconds } = answer;
  if (status === 429) {
    const why = reason ?? "too many requests";
    return { kind: "not_now", why, ...(retryAfterSeconds !== undefined && { retryAfterMs: retryAfterSeconds * 1000 }) };
  }
  if (reason === undefined || !refusals.has(status)) return { kind: "unclear", why: `HTTP ${status}` };
  const advice = adviceFor(status, reason);
  return advice === undefined ? { kind: "refused", reason } : { kind: "hold", reason, advice };
}

/** What a person does about a refusal whose status alone says it, and undefined for any other. */
export function adviceForAccount(name: string, status: number): string | undefined {
  if (status === 401 || status === 403)
    return `Correct BATCH_CALL_CARRIER_KEY to a key of the ${name} account, and start the service again.`;
  return status === 402 ? `Add a payment method to the ${name} account.` : undefined;
}

/** What a person does about a refusal that is about more than one call. */
export function adviceForBatch(name: string): string {
  return `Look whether the ${name} account has the batch's agent and caller id.`;
}

/** Undefined where the text is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object under that name, an empty one where there is none. */
export function partOf(body: unknown, name: string): Readonly<Record<string, unknown>> {
  const part = isObject(body) ? body[name] : undefined;
  return isObject(part) ? part : {};
}
