import type { z } from "zod";
import { fromEndBody, lookUpBody, notNowBody, refusalBody, toReason } from "../../../contract/bridge.ts";
import { parseWith } from "../../../contract/fields.ts";
import type { LookUp } from "../carrier.ts";
import type { BridgeAnswer } from "./bridge-connection.ts";

export type BridgeDialAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly reason?: string }
  | { readonly kind: "not_now"; readonly why: string; readonly retryAfterMs?: number };

/** About this very call: to send it again would be answered the same way. */
const refusals = [400, 413, 422];
/** Has no room for now, where the body says so: of a bare one nobody knows who gave it. */
const noRoom = [429, 503];
/** Can also come from something between us and the bridge; a refusal only where the body says so. */
const possibleRefusals = [403, 404];

/**
 * What the bridge's answer to a dial means; the table is in docs/carriers.md. Throws where it leaves open whether the
 * bridge took the call.
 */
export function readDialAnswer(answer: BridgeAnswer): BridgeDialAnswer {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "taken" };
  // The token is known: an earlier request had arrived.
  if (status === 409) return { kind: "taken" };
  const refusal = parseWith(refusalBody, jsonOf(answer));
  if (refusals.includes(status) || (possibleRefusals.includes(status) && refusal.ok)) {
    const reason = refusal.ok ? toReason(refusal.value.reason) : undefined;
    return { kind: "refused", reason: reason ?? `HTTP ${status}` };
  }
  const notNow = parseWith(notNowBody, jsonOf(answer));
  if (noRoom.includes(status) && notNow.ok) return toNotNow(notNow.value);
  throw new Error(`The bridge answered ${status} to a dial`);
}

function toNotNow({ reason, retry_after_seconds: seconds }: z.output<typeof notNowBody>): BridgeDialAnswer {
  const why = toReason(reason) ?? "the bridge has no room";
  return { kind: "not_now", why, ...(seconds != null && { retryAfterMs: seconds * 1000 }) };
}

/**
 * What the bridge's answer to a look-up means. Throws for an answer that is not in the terms of the contract: only the
 * bridge's own word makes a call `not_placed` or unknown, never that of a proxy.
 */
export function readLookUpAnswer(answer: BridgeAnswer, now: Date): LookUp {
  const known = parseWith(lookUpBody, jsonOf(answer));
  if (!known.ok) {
    const fields = known.issues.map(({ field, code }) => `${field} ${code}`).join(", ");
    throw new Error(
      `The bridge answered ${answer.status} to a look-up, with a body that does not match the contract: ${fields}`,
    );
  }
  const { value } = known;
  if (answer.status !== (value.state === "not_placed" ? 404 : 200))
    throw new Error(`The bridge answered ${answer.status} to a look-up, which does not go with "${value.state}"`);
  return value.state === "ended" ? { state: "ended", result: fromEndBody(value, now) } : value;
}

function jsonOf({ text }: BridgeAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
