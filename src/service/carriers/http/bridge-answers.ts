import { fromEndBody, lookUpBody, refusalBody, toReason } from "../../../contract/bridge.ts";
import { parseWith } from "../../../contract/fields.ts";
import type { LookUp } from "../carrier.ts";
import type { BridgeAnswer } from "./bridge-connection.ts";

export type DialAnswer = { readonly kind: "taken" } | { readonly kind: "refused"; readonly reason?: string };

/** About this very call: to send it again would be answered the same way. */
const refusals = [400, 413, 422];
/** Can also come from something between us and the bridge; a refusal only where the body says so. */
const possibleRefusals = [403, 404];

/**
 * What the bridge's answer to a dial means; the table is in docs/carriers.md. Throws where it leaves open whether the
 * bridge took the call.
 */
export function readDialAnswer(answer: BridgeAnswer): DialAnswer {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "taken" };
  // The token is known: an earlier request had arrived.
  if (status === 409) return { kind: "taken" };
  const refusal = parseWith(refusalBody, jsonOf(answer));
  if (refusals.includes(status) || (possibleRefusals.includes(status) && refusal.ok)) {
    const reason = refusal.ok ? toReason(refusal.value.reason) : undefined;
    return { kind: "refused", reason: reason ?? `HTTP ${status}` };
  }
  throw new Error(`The bridge answered ${status} to a dial`);
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
