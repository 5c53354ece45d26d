import { plainText } from "../text.ts";

const numberAsFormula = /^="(.*)"$/;
const textMark = /^['’]+/;
const telScheme = /^tel:\s*/i;
// Data frames write a column with gaps as floats.
const wholeNumberAsFloat = /^(\+?\d{7,15})\.0+$/;

/** A cell or argument with everything taken off that people and spreadsheets put around a number; it is never cut. */
export function tidyPhoneText(text: string): string {
  return plainText(text, text.length)
    .normalize("NFKC")
    .replace(numberAsFormula, "$1")
    .replace(textMark, "")
    .replace(telScheme, "")
    .replace(wholeNumberAsFloat, "$1")
    .trim();
}

/** `9.196E+11`, which a spreadsheet shows for a long number: the digits after the rounding are gone. */
export function isSpreadsheetMangled(tidy: string): boolean {
  return /^[+-]?\d+(?:[.,]\d+)?E\+?\d+$/i.test(tidy);
}

// Only for the right words: no number this short can be called.
const emergencyNumbers: ReadonlySet<string> = new Set(
  "000 100 101 102 103 104 108 110 111 112 113 115 117 118 119 120 122 190 191 192 193 911 988 995 997 998 999".split(
    " ",
  ),
);

export function isEmergencyNumber(tidy: string): boolean {
  return emergencyNumbers.has(tidy.replace(/[\s+().-]/g, ""));
}

/** Three to six digits without punctuation: people write a number that lost its beginning as `555-01`. */
export function isShortCode(tidy: string): boolean {
  return /^\d{3,6}$/.test(tidy);
}
