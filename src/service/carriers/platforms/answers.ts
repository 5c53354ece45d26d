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

/** What a person does about a refusal that is about more than one call: by its status, and by the words that the platform has for it. */
export function adviceForRefusal(name: string, status: number, reason: string): string {
  const ofAccount = adviceForAccount(name, status);
  // A key that is good is refused so as well.
  const isOther = status === 403 && (ofMoney.test(reason) || ofStanding.test(reason));
  return ofAccount === undefined || isOther ? adviceForWords(name, reason) : ofAccount;
}

const ofMoney = /quota|credits?\b|balance|payment|billing|insufficient funds|subscription|upgrade/i;
const ofStanding = /suspend|deactivat|blocked account|account is (disabled|closed)/i;
const ofTelephony = /credential|authenticat|\bsip\b|trunk/i;
const ofRights = /permission|not allowed|not permitted|unverified|not verified/i;

/** The same where no status says it. */
export function adviceForWords(name: string, reason: string): string {
  if (ofMoney.test(reason)) return `Add credit to the ${name} account, or raise its plan or its limit of spending.`;
  if (ofStanding.test(reason)) return `Ask the support of ${name} why the account may not call.`;
  if (ofTelephony.test(reason))
    return `Correct the telephony of the caller id in the ${name} account: the credentials of the trunk or provider behind it.`;
  if (ofRights.test(reason))
    return `Look at what the ${name} account and its caller id may call, and verify or permit what is missing there.`;
  return adviceForBatch(name);
}

/** What a person does where agent or caller id may be what is wrong. */
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
