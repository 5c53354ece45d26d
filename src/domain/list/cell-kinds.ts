import { tidyPhoneText } from "../phone/phone-number.ts";

/** By shape alone, with 7 to 15 digits; dates and US postal codes are told apart. */
export function looksLikePhoneNumber(cell: string): boolean {
  if (cell.length < 7 || cell.length > 60 || !/\p{Nd}/u.test(cell)) return false;
  const text = tidyPhoneText(cell);
  if (!/^\+?[\d\s()[\]./–-]{7,}(?:\s?(?:x|ext\.?)\s?\d{1,6})?$/i.test(text)) return false;
  if (/^\d{4}-\d{1,2}-\d{1,2}\b|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{5}-\d{4}$/.test(text)) return false;
  const digits = text.replace(/\D/g, "").length;
  return digits >= 7 && digits <= 15;
}
