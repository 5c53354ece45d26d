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

/** What the operator allows. Money is in whatever currency the price is in. */
export type LaunchLimits = {
  readonly maxRecipientsPerLaunch: number;
  readonly maxRecipientsPerDay: number;
  /** Both or neither: without a price no spend can be held to a limit. */
  readonly spend?: { readonly maxPerDay: number; readonly pricePerCall: number };
};

export type LaunchFigures = {
  readonly recipients: number;
  /** Attempts that a recipient may get at the most, the first one included. */
  readonly maxAttempts: number;
  /** Recipients of the launches that count for the same day. */
  readonly launchedToday: number;
  /** What those launches may cost at the most. */
  readonly spentToday: number;
};

type LimitViolation = {
  readonly rule: "recipients_per_launch" | "recipients_per_day" | "spend_per_day";
  /** What the operator would change. */
  readonly setting: string;
  readonly limit: number;
  /** What counts against the limit already. */
  readonly used: number;
  /** What this launch would add. */
  readonly wanted: number;
  readonly message: string;
};

/** The most that a launch can cost: every attempt is made and charged. */
export function costOfLaunch(recipients: number, maxAttempts: number, pricePerCall: number): number {
  return toMillionths(recipients * maxAttempts * pricePerCall);
}

/** Every limit that the launch would exceed; a limit that is just reached is kept. */
export function checkLaunchLimits(figures: LaunchFigures, limits: LaunchLimits): readonly LimitViolation[] {
  const { recipients, maxAttempts, launchedToday, spentToday } = figures;
  const { maxRecipientsPerLaunch, maxRecipientsPerDay, spend } = limits;
  return [
    violation("recipients_per_launch", maxRecipientsPerLaunch, 0, recipients),
    violation("recipients_per_day", maxRecipientsPerDay, launchedToday, recipients),
    spend &&
      violation(
        "spend_per_day",
        spend.maxPerDay,
        spentToday,
        costOfLaunch(recipients, maxAttempts, spend.pricePerCall),
      ),
  ].filter((one) => one !== undefined);
}

function violation(
  rule: LimitViolation["rule"],
  limit: number,
  used: number,
  wanted: number,
): LimitViolation | undefined {
  if (toMillionths(used + wanted) <= limit) return undefined;
  const setting = settings[rule];
  return { rule, setting, limit, used, wanted, message: describe(rule, limit, used, wanted, setting) };
}

const settings: { readonly [R in LimitViolation["rule"]]: string } = {
  recipients_per_launch: "BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH",
  recipients_per_day: "BATCH_CALL_MAX_RECIPIENTS_PER_DAY",
  spend_per_day: "BATCH_CALL_MAX_SPEND_PER_DAY",
};

const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

function describe(rule: LimitViolation["rule"], limit: number, used: number, wanted: number, setting: string): string {
  const [most, already, more] = [limit, used, wanted].map((figure) => numbers.format(figure));
  const change = `The operator can change that with ${setting}.`;
  switch (rule) {
    case "recipients_per_launch":
      return `This launch has ${more} recipients; at most ${most} are allowed in one. ${change}`;
    case "recipients_per_day":
      return `This launch has ${more} recipients and ${already} were launched today; at most ${most} are allowed in a day. ${change}`;
    case "spend_per_day":
      return `This launch may cost ${more} and ${already} may be spent today; at most ${most} is allowed in a day. ${change}`;
  }
}

/** Takes away what binary fractions add: ten calls at 0.1 cost 1. */
function toMillionths(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}
