import { plainText } from "../text.ts";

const numberAsFormula = /^="(.*)"$/;
const textMark = /^['’]+/;
const label = /^(?:tel(?:efon|ephone)?|phone|mobile|mob|cell|handy)\b\s*[.:]?\s*(?=[+(\d])/i;
// Data frames write a column with gaps as floats.
const wholeNumberAsFloat = /^(\+?\d{7,15})\.0+$/;
// `(+44) 20 …`, `.+44 20 …`, `++44`: the plus counts from where it stands.
const wrappedPlus = /^(?=[^+]|\+\+)[\s.,:(["'-]*\++\s*(\d{1,3})\s*\)?/;
const scientific = /^([+-]?)(\d)(?:[.,](\d+))?E\+?(\d+)$/i;
const foreignDigit = /[^\P{Nd}0-9]/gu;

// Most numbers: ASCII digits, at most one space between, and none of what is taken off below.
const tidyAlready = /^[+(]?\d(?: ?[\d()./-])*$/;

/** A cell or argument with everything taken off that people and spreadsheets put around a number; it is never cut. */
export function tidyPhoneText(text: string): string {
  if (tidyAlready.test(text) && !wholeNumberAsFloat.test(text)) return text;
  const tidy = plainText(text, text.length)
    .normalize("NFKC")
    .replace(foreignDigit, toAsciiDigit)
    .replace(numberAsFormula, "$1")
    .replace(textMark, "")
    .replace(label, "")
    .replace(wholeNumberAsFloat, "$1")
    .trim();
  return readScientific(tidy).replace(wrappedPlus, "+$1 ").trim();
}

/** `9.196E+11`, which a spreadsheet shows for a long number: the digits after the rounding are gone. */
export function isSpreadsheetMangled(tidy: string): boolean {
  return /^[+-]?\d+(?:[.,]\d+)?E\+?\d+$/i.test(tidy);
}

/** `9.19600011957E+11` has every digit of a number; with fewer digits than the exponent says it was rounded, and stays as it is. */
function readScientific(tidy: string): string {
  const [, sign, first, rest = "", exponent] = scientific.exec(tidy) ?? [];
  const isWhole = rest.length > 0 && rest.length === Number(exponent) && rest.length < 15;
  return isWhole && sign !== "-" ? `${sign}${first}${rest}` : tidy;
}

/** Digits of a script stand in tens, zero first. */
function toAsciiDigit(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value++;
  return String(value);
}
