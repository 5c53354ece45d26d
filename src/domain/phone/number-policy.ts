import type { Issue } from "../problem.ts";
import { isCountryCode, type ParsedPhoneNumber, type PhoneNumberType } from "./phone-number.ts";

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

function toWords(text: string): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}

function settingIssue(field: string, wrong: readonly string[], accepted: string): Issue {
  const complaint = wrong.length === 0 ? "Nothing is given." : `Not known: ${wrong.join(", ")}.`;
  return { field, code: "invalid_setting", message: `${complaint} Write ${accepted}, with commas between them.` };
}
