import { isCountryCode, type ParsedPhoneNumber, type PhoneNumberType, parsePhoneNumber } from "./phone/phone-number.ts";
import { type Issue, isIssue } from "./problem.ts";
import { counted } from "./text.ts";
import type { CallingHours } from "./time/calling-hours.ts";
import type { PresetScope } from "./time/hour-presets.ts";

export const approvalModes = ["auto", "form", "host", "policy"] as const;
/**
 * Who agrees to a live start. `auto`: a person, by a form over stdio, a page or a terminal. `form`: the same, with forms
 * over HTTP too, which only whoever has the server's token can fill in. `host`: whoever answers the client's own prompt before it runs a tool. `policy`: the operator did in advance, within caps.
 */
export type ApprovalMode = (typeof approvalModes)[number];

/** What the operator allows of live starts. No tool can change it. */
export type StartPolicy = {
  readonly approval: ApprovalMode;
  /** On the clocks of every zone that a number may be in. */
  readonly hours: CallingHours;
  /** A country's own rules hold besides, on the same clocks; none when absent. */
  readonly hoursPreset?: PresetScope;
  /** ISO 3166-1 alpha-2; the caller id's own country when absent. */
  readonly countries?: readonly string[];
  readonly types: readonly PhoneNumberType[];
  /** Between the calls of one batch to a number and those of another, where the API does not see to that itself. */
  readonly minHoursBetweenBatches: number;
  readonly limits: StartLimits;
  /** Numbers that test calls may ring without being agreed to; none when absent. */
  readonly testNumbers?: readonly string[];
  /** A batch says what its calls are for and what entitles somebody to make them. */
  readonly requiresConsent?: boolean;
};

/** Hours between two batches' calls to a number that are really made, unless the operator says otherwise. */
export const defaultHoursBetweenBatches = 24;

/** Whether a person is asked about every live start, by a form, a page or a terminal. */
export function asksAPerson({ approval }: Pick<StartPolicy, "approval">): boolean {
  return approval === "auto" || approval === "form";
}

// An agreement to a tool's prompt is given without a look at the list, so it reaches less far.
const hostLimits = { maxRecipientsPerStart: 10, maxRecipientsPerDay: 50 };

/** The limits that hold with the chosen way of approval. */
export function limitsOf({ approval, limits }: StartPolicy): StartLimits {
  if (approval !== "host") return limits;
  return {
    ...limits,
    maxRecipientsPerStart: Math.min(limits.maxRecipientsPerStart, hostLimits.maxRecipientsPerStart),
    maxRecipientsPerDay: Math.min(limits.maxRecipientsPerDay, hostLimits.maxRecipientsPerDay),
  };
}

/** What the operator allows. Money is in the currency of the price. */
export type StartLimits = {
  readonly maxRecipientsPerStart: number;
  readonly maxRecipientsPerDay: number;
  /** Both or neither: without a price no spend can be held to a limit. */
  readonly spend?: {
    readonly maxPerDay: number;
    readonly pricePerCall: number;
    /** ISO 4217; absent where the operator did not say. */
    readonly currency?: string;
  };
};

export type StartFigures = {
  readonly recipients: number;
  /** The most attempts that a recipient may get, the first one included. */
  readonly maxAttempts: number;
  /** Recipients of the starts that count for the same day. */
  readonly startedToday: number;
  /** The most that those starts may cost. */
  readonly spentToday: number;
};

type LimitViolation = {
  readonly rule: "recipients_per_launch" | "recipients_per_day" | "spend_per_day";
  /** What the operator would change. */
  readonly setting: string;
  readonly limit: number;
  /** What counts against the limit already. */
  readonly used: number;
  /** What this start would add. */
  readonly wanted: number;
  readonly message: string;
};

/** The most that a start can cost: every attempt is made and charged. */
export function costOfStart(recipients: number, maxAttempts: number, pricePerCall: number): number {
  return toMillionths(recipients * maxAttempts * pricePerCall);
}

/** `USD 12.50`; the figure alone where nobody said which currency it is in. */
export function toMoneyText(amount: number, currency?: string): string {
  if (currency === undefined) return numbers.format(amount);
  const { minimumFractionDigits = 2 } = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
  }).resolvedOptions();
  const figure = new Intl.NumberFormat("en-US", { minimumFractionDigits, maximumFractionDigits: 6 });
  return `${currency} ${figure.format(amount)}`;
}

/** Three letters of ISO 4217, such as USD. */
export function isCurrency(text: string): boolean {
  return Intl.supportedValuesOf("currency").includes(text);
}

/** Every limit that the start would exceed; a limit that is just reached is kept. */
export function checkStartLimits(figures: StartFigures, limits: StartLimits): readonly LimitViolation[] {
  const { recipients, maxAttempts, startedToday, spentToday } = figures;
  const { maxRecipientsPerStart, maxRecipientsPerDay, spend } = limits;
  return [
    violation("recipients_per_launch", maxRecipientsPerStart, 0, recipients),
    violation("recipients_per_day", maxRecipientsPerDay, startedToday, recipients),
    spend &&
      violation("spend_per_day", spend.maxPerDay, spentToday, costOfStart(recipients, maxAttempts, spend.pricePerCall)),
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
      return `This launch has ${counted(wanted, "recipient")}; at most ${most} are allowed in one. ${change}`;
    case "recipients_per_day":
      return `This launch has ${counted(wanted, "recipient")} and ${counted(used, "was", "were")} launched today; at most ${most} are allowed in a day. ${change}`;
    case "spend_per_day":
      return `This launch may cost ${more} and ${already} may be spent today; at most ${most} is allowed in a day. ${change}`;
  }
}

/** Takes away what binary fractions add: ten calls at 0.1 cost 1. */
function toMillionths(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

/** Which numbers the operator lets be called. Countries and not calling codes: +1 876 is Jamaica's. */
export type NumberPolicy = {
  /** ISO 3166-1 alpha-2. */
  readonly countries: readonly string[];
  readonly types: readonly PhoneNumberType[];
};

const countriesSetting = "BATCH_CALL_ALLOWED_COUNTRIES";
const typesSetting = "BATCH_CALL_ALLOWED_NUMBER_TYPES";

// Where a country's numbers do not tell fixed from mobile, either word lets them through.
const typesByWord = new Map<string, readonly PhoneNumberType[]>([
  ["fixed", ["fixed_line", "fixed_line_or_mobile"]],
  ["mobile", ["mobile", "fixed_line_or_mobile"]],
  ["toll_free", ["toll_free"]],
  ["voip", ["voip"]],
  ["personal", ["personal_number"]],
]);

/** Reads `US,CA`, in any letter case. */
export function parseCountries(text: string): readonly string[] | Issue {
  const codes = toWords(text).map((code) => code.toUpperCase());
  const wrong = codes.filter((code) => !isCountryCode(code));
  if (codes.length > 0 && wrong.length === 0) return codes;
  return settingIssue(countriesSetting, wrong, "country codes (ISO 3166-1 alpha-2) such as US,CA,GB");
}

/** Reads `fixed,mobile`. */
export function parseNumberTypes(text: string): readonly PhoneNumberType[] | Issue {
  const words = toWords(text);
  const wrong = words.filter((word) => !typesByWord.has(word));
  const types = new Set(words.flatMap((word) => typesByWord.get(word) ?? []));
  if (types.size > 0 && wrong.length === 0) return [...types];
  return settingIssue(typesSetting, wrong, `words of ${[...typesByWord.keys()].join(", ")}`);
}

/**
 * Why a number that could be called must not be, or undefined. The reason names the setting that only the operator can
 * change. A number that tells no country is refused whatever the countries are.
 */
export function refuseByPolicy(
  { country, type }: ParsedPhoneNumber,
  policy: NumberPolicy,
  field = "to_number",
): Issue | undefined {
  if (country === undefined || !policy.countries.includes(country)) {
    const place = country === undefined ? "belongs to no country" : `is in ${country}`;
    const allowed =
      policy.countries.length === 0 ? "no country is allowed" : `allowed is ${policy.countries.join(", ")}`;
    const message = `This number ${place}; ${allowed}. The operator can change that with ${countriesSetting}.`;
    return { field, code: "country_not_allowed", message };
  }
  if (policy.types.includes(type)) return undefined;
  const message = `The type of this number is ${type}, which is not allowed. The operator can change that with ${typesSetting}.`;
  return { field, code: "number_type_not_allowed", message };
}

/** What holds for numbers that are called from these: unless the operator named countries, their own are the ones. */
export function toNumberPolicy({ countries, types }: StartPolicy, callerIds: readonly string[]): NumberPolicy {
  if (countries) return { countries, types };
  const homes = callerIds.flatMap((callerId) => {
    const home = parsePhoneNumber(callerId);
    return isIssue(home) ? [] : (home.country ?? []);
  });
  return { countries: [...new Set(homes)], types };
}

function toWords(text: string): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}

function settingIssue(field: string, wrong: readonly string[], accepted: string): Issue {
  const complaint = wrong.length === 0 ? "Nothing is given." : `Not known: ${wrong.join(", ")}.`;
  return { field, code: "invalid_setting", message: `${complaint} Write ${accepted}, with commas between them.` };
}
