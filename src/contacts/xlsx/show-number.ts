import type { DigitSection, NumberFormat } from "./number-format.ts";

/** A cell's number as people see it in the sheet, but with all of its digits. `value` is its text in the file. */
export function showNumber(value: string, format: NumberFormat, from1904: boolean): string {
  const digits = toPlainDigits(value);
  const number = digits === "" ? Number.NaN : Number(digits);
  if (!Number.isFinite(number)) return digits;
  switch (format.kind) {
    case "plain":
      return digits;
    case "date":
      return showDate(number, format, from1904) ?? digits;
    case "decimals":
      return format.isPercent
        ? `${(number * 100).toFixed(format.decimals)}%`
        : (showDecimals(number, format.decimals) ?? digits);
    case "digits":
      return /^\d+$/.test(digits) ? fillIn(digits, format.sections) : digits;
  }
}

/** Undefined for a whole number of seven digits or more, which may be a phone number in a column formatted like money. */
function showDecimals(number: number, decimals: number): string | undefined {
  const mayBePhone = Number.isInteger(number) && Math.abs(number) >= 1e6;
  return mayBePhone ? undefined : number.toFixed(decimals);
}

/** All digits, never in the form `4.9E12`: as they stand, or rounded to the 15 that a workbook keeps of a number. */
export function toPlainDigits(value: string): string {
  const text = value.trim();
  if (/^-?\d+$/.test(text)) return text;
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return text;
  const rounded = Number(number.toPrecision(15));
  return Number.isInteger(rounded) && Math.abs(rounded) >= 1e21 ? BigInt(rounded).toString() : String(rounded);
}

/** Digits go in from the right; those that are left over stand at the first placeholder. */
function fillIn(digits: string, sections: readonly DigitSection[]): string {
  const pattern = (sections.find(({ atMost }) => Number(digits) <= atMost) ?? sections.at(-1))?.pattern ?? [];
  const places = pattern.filter((part) => "placeholder" in part).length;
  const padded = digits.padStart(places, " ");
  let at = 0;
  return pattern
    .map((part) => {
      if ("literal" in part) return part.literal;
      const end = at === 0 ? padded.length - places + 1 : at + 1;
      const shown = padded.slice(at, end);
      at = end;
      return shown === " " ? part.placeholder.replace("#", "") : shown;
    })
    .join("");
}

const dayMs = 86_400_000;

/** `2026-02-20`, `2026-02-20 13:00`, `13:00:30`; undefined for a number that is no date. */
function showDate(
  serial: number,
  format: { hasDay: boolean; hasTime: boolean },
  from1904: boolean,
): string | undefined {
  if (!(serial >= 0 && serial < 2_958_466)) return undefined;
  // Day 60 of 1900 is a 29 February that never was; the days before it count from one day later.
  const firstDay = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30);
  const instant = new Date(firstDay + Math.round((serial * dayMs) / 1000) * 1000).toISOString();
  const day = instant.slice(0, 10);
  const time = instant.endsWith(":00.000Z") ? instant.slice(11, 16) : instant.slice(11, 19);
  if (!format.hasDay && serial < 1) return time;
  return format.hasTime ? `${day} ${time}` : day;
}
