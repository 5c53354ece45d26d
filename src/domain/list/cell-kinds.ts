import { tidyPhoneText } from "../phone/phone-number.ts";

// Numbers of other kinds that people write with the same characters.
const otherShapes = [
  /^\d{4}-\d{1,2}-\d{1,2}\b|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{4}[./]\d{1,2}[./]\d{1,2}$/, // dates
  /^\d{5}-\d{3,4}$/, // postal codes of the US and Brazil
  /^\d{3}-\d{2}-\d{4}$|^\d{3}\.\d{3}\.\d{3}-\d{2}$|^\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}$/, // national ids of the US and Brazil
  /^(?:\d{1,3}\.){3}\d{1,3}$/, // internet addresses
  /^-|^\d{1,3}\.\d{4,}$|^[\d ]+\.\d{1,2}$/, // places on the globe, amounts
];

/** By shape alone, with 7 to 15 digits; dates, postal codes, addresses and amounts are told apart. */
export function looksLikePhoneNumber(cell: string): boolean {
  if (cell.length < 7 || cell.length > 60 || !/\p{Nd}/u.test(cell)) return false;
  const text = tidyPhoneText(cell);
  if (!/^\+?[\d\s()[\]./–-]{7,}(?:\s?(?:x|ext\.?)\s?\d{1,6})?$/i.test(text)) return false;
  if (otherShapes.some((shape) => shape.test(text))) return false;
  const digits = digitCount(text);
  return digits >= 7 && digits <= 15;
}

/** Written as nothing but phone numbers are: with a plus, in brackets, grouped as in North America, or with a zero and groups. */
export function isWrittenAsPhoneNumber(cell: string): boolean {
  const text = tidyPhoneText(cell);
  return (
    looksLikePhoneNumber(cell) &&
    (/^[(.]*\+|^\(\d/.test(text) ||
      /^(?:1[-. ]?)?\d{3}[-. ]\d{3}[-. ]\d{4}(?:\D|$)/.test(text) ||
      (/^0[1-9][\d\s()./–-]+$/.test(text) && /\d[\s()./–-]+\d/.test(text) && digitCount(text) >= 9))
  );
}

/** Could have been a number before something happened to it. */
export function hasManyDigits(cell: string): boolean {
  return cell.length >= 7 && digitCount(cell) >= 7 && !otherShapes.some((shape) => shape.test(cell.trim()));
}

export function isFilled(cell: string): boolean {
  return cell.trim() !== "";
}

/** True when the test holds for more than half of the cells that are filled. */
export function isMostly(cells: readonly string[], test: (cell: string) => boolean): boolean {
  const filled = cells.filter(isFilled);
  return filled.filter(test).length * 2 > filled.length;
}

function digitCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Only what is not ASCII may be a digit of another script.
    if (code > 127) return text.match(/\p{Nd}/gu)?.length ?? 0;
    if (code >= 48 && code <= 57) count++;
  }
  return count;
}
