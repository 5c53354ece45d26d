import type { NumberReading } from "../phone/number-reading.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../phone/phone-number.ts";
import type { Issue } from "../problem.ts";

/** Reads the numbers of one cell: the one that is called, and those that are when it was not reached. */
export function readNumbers(
  text: string,
  { country }: NumberReading,
  field: string,
): readonly ParsedPhoneNumber[] | Issue {
  const number = parsePhoneNumber(text, country, field);
  return "e164" in number ? [number] : number;
}
