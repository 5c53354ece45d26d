import parseWithLibrary, { type CountryCode, validatePhoneNumberLength } from "libphonenumber-js/max";
import type { PhoneRefusal } from "./phone-issue.ts";

/** Why a text is no number, for the words of its refusal. */
export function whyNoNumber(text: string, country?: CountryCode): PhoneRefusal {
  // The country only serves to find an extension in a number that may have none.
  if (parseWithLibrary(text, { extract: false, defaultCountry: "US" })?.ext !== undefined) return "extension";
  if (/\p{L}/u.test(text)) return "letters";
  if (/^\d{3,6}$/.test(text)) return "short_code";
  if (country === undefined && !text.startsWith("+")) return "no_country";
  const length = validatePhoneNumberLength(text, country);
  if (length === "TOO_SHORT") return "too_short";
  return length === "TOO_LONG" ? "too_long" : "invalid";
}
