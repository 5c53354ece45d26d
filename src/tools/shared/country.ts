import { isCountryCode } from "../../domain/phone/phone-number.ts";
import type { Issue } from "../../domain/problem.ts";

/** A country as people write it, in capitals; undefined when none was given, an issue when it is no country. */
export function parseCountry(text: string | undefined, field: string): string | undefined | Issue {
  if (text === undefined) return undefined;
  const code = text.trim().toUpperCase();
  if (isCountryCode(code)) return code;
  return {
    field,
    code: "unknown_country",
    message: `"${text.slice(0, 40)}" is no country code. Write two letters, such as US, GB or IN.`,
  };
}
