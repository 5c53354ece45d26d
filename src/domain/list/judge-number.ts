import type { NumberReading, RowCountry } from "../phone/number-reading.ts";
import { isCountryCode, type ParsedPhoneNumber, parsePhoneNumber } from "../phone/phone-number.ts";
import { type Issue, isIssue } from "../problem.ts";
import { plainText } from "../text.ts";

/** Reads the numbers of one cell: the one that is called, and those that are when it was not reached. */
export function readNumbers(
  text: string,
  { country, beside }: NumberReading,
  field: string,
): readonly ParsedPhoneNumber[] | Issue {
  const number = beside ? readBeside(text, beside, field) : parsePhoneNumber(text, country, field);
  return isIssue(number) ? number : [number];
}

/** What the cell beside a number says: `GB`, `44`, `+44`, `0044`. Undefined where nobody can tell. */
export function parseRowCountry(cell: string): RowCountry | undefined {
  const text = cell.trim().toUpperCase();
  if (isCountryCode(text)) return { kind: "country", country: text };
  const [, callingCode] = /^(?:\+|00)?\s?([1-9]\d{0,2})$/.exec(text) ?? [];
  return callingCode === undefined ? undefined : { kind: "calling_code", callingCode };
}

/** A number that contradicts the cell beside it is nobody's: one of the two is wrong. */
function readBeside(text: string, beside: RowCountry, field: string): ParsedPhoneNumber | Issue {
  if (beside.kind === "country") {
    const number = parsePhoneNumber(text, beside.country, field);
    if (isIssue(number) || number.country === beside.country) return number;
    return contradictionIssue(text, `a number of ${number.country ?? "another country"}`, beside.country, field);
  }
  const own = parsePhoneNumber(text, undefined, field);
  const code = `+${beside.callingCode}`;
  const number = isIssue(own) && own.code === "no_country" ? parsePhoneNumber(`${code} ${text}`, undefined, field) : own;
  if (isIssue(number) || number.e164.startsWith(code)) return number;
  return contradictionIssue(text, "a number of another country", code, field);
}

function contradictionIssue(text: string, is: string, beside: string, field: string): Issue {
  const message = `"${plainText(text, 40)}" is ${is}, and the cell beside it says ${beside}; correct one of the two.`;
  return { field, code: "other_country", message };
}

export function rowCountryIssue(cell: string, field: string): Issue {
  const message = `"${plainText(cell, 40)}" is no country or calling code; write two letters, such as GB, or a code such as +44.`;
  return { field, code: "unknown_country", message };
}
