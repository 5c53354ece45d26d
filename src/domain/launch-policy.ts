import type { LaunchLimits } from "./launch-limits.ts";
import type { PhoneNumberType } from "./phone/phone-number.ts";
import type { CallingHours } from "./time/calling-hours.ts";

export const approvalModes = ["auto", "host", "policy"] as const;
/**
 * Who agrees to a live launch. `auto`: a person, by a form, a page or a terminal. `host`: whoever answers the client's
 * own prompt before it runs a tool. `policy`: the operator did in advance, within caps.
 */
export type ApprovalMode = (typeof approvalModes)[number];

/** What the operator allows of live launches. No tool can change it. */
export type LaunchPolicy = {
  readonly approval: ApprovalMode;
  /** On the clocks of every zone that a number may be in. */
  readonly hours: CallingHours;
  /** ISO 3166-1 alpha-2; the caller id's own country when absent. */
  readonly countries?: readonly string[];
  readonly types: readonly PhoneNumberType[];
  readonly limits: LaunchLimits;
};

// An agreement to a tool's prompt is given without a look at the list, so it reaches less far.
const hostLimits = { maxRecipientsPerLaunch: 10, maxRecipientsPerDay: 50 };

/** The limits that hold with the chosen way of approval. */
export function limitsOf({ approval, limits }: LaunchPolicy): LaunchLimits {
  if (approval !== "host") return limits;
  return {
    ...limits,
    maxRecipientsPerLaunch: Math.min(limits.maxRecipientsPerLaunch, hostLimits.maxRecipientsPerLaunch),
    maxRecipientsPerDay: Math.min(limits.maxRecipientsPerDay, hostLimits.maxRecipientsPerDay),
  };
}
